import fc from 'fast-check';
import { FrameReader, FrameWriter } from './framing.js';

function written(frames: readonly Uint8Array[]): Buffer {
  const writer = new FrameWriter();
  for (const frame of frames) writer.append(frame);
  return writer.take() ?? Buffer.alloc(0);
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => Buffer.from(bytes.subarray(start, at[index] ?? bytes.length)));
}

describe('FrameWriter', () => {
  it('joins what is appended, once', () => {
    const writer = new FrameWriter();
    writer.append(Buffer.from('a'));
    writer.append(Buffer.from('bc'));
    expect(writer.bytes).toBe(11);
    expect(writer.take()).toEqual(Buffer.from('\0\0\0\x01a\0\0\0\x02bc'));
    expect([writer.bytes, writer.take()]).toEqual([0, undefined]);
  });

  it('does not touch what it gave away', () => {
    const writer = new FrameWriter();
    writer.append(Buffer.from('first'));
    const first = Buffer.from(writer.take() ?? []);
    writer.append(Buffer.from('other'));
    expect(first.subarray(4).toString()).toBe('first');
  });
});

describe('FrameReader', () => {
  it('reads the frames that were written, however the bytes are cut', () => {
    const property = fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
      fc.array(fc.nat(), { maxLength: 60 }),
      (frames, cuts) => {
        const read: Buffer[] = [];
        const reader = new FrameReader(1_000, (frame) => read.push(Buffer.from(frame)));
        const fine = pieces(written(frames), cuts).every((piece) => reader.push(piece));
        return fine && Buffer.concat(read).equals(Buffer.concat(frames)) && read.length === frames.length;
      },
    );
    expect(fc.check(property, { numRuns: 2_000 }).failed).toBe(false);
  });

  it('reads a large frame byte by byte in linear time', () => {
    const frame = Buffer.alloc(1_000_000, 7);
    let read: Buffer | undefined;
    const reader = new FrameReader(frame.length, (found) => (read = found));
    for (const byte of written([frame])) reader.push(Buffer.of(byte));
    expect(read?.equals(frame)).toBe(true);
  });

  it('takes frames up to its limit', () => {
    const read: number[] = [];
    const reader = new FrameReader(10, (frame) => read.push(frame.length));
    expect(reader.push(written([Buffer.alloc(10), Buffer.alloc(0)]))).toBe(true);
    expect(reader.push(written([Buffer.alloc(3), Buffer.alloc(11), Buffer.alloc(3)]))).toBe(false);
    expect(reader.announced).toBe(11);
    expect(reader.push(written([Buffer.alloc(3)]))).toBe(true);
    expect(read).toEqual([10, 0, 3]);
  });

  it('reserves nothing for a length that is only announced', () => {
    const header = Buffer.from([0x10, 0, 0, 0, 1]);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 100 }, () => new FrameReader(2 ** 30, () => undefined));
    for (const reader of readers) reader.push(header);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  });

  it('stops in the middle of a batch when it is told to', () => {
    const read: string[] = [];
    const reader = new FrameReader(10, (frame) => {
      read.push(frame.toString());
      reader.stop();
    });
    reader.push(written([Buffer.from('a'), Buffer.from('b')]));
    reader.push(written([Buffer.from('c')]));
    expect(read).toEqual(['a']);
  });

  it('lets a frame change the limit for those after it', () => {
    const read: number[] = [];
    const reader = new FrameReader(2, (frame) => {
      read.push(frame.length);
      reader.bytesMax = 100;
    });
    expect(reader.push(written([Buffer.alloc(2), Buffer.alloc(100)]))).toBe(true);
    expect(read).toEqual([2, 100]);
  });
});
