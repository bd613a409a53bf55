/**
 * Frames in a stream of bytes: a length of four bytes, the highest first, then the frame. Reading never reserves more
 * than twice what has arrived, whatever length is announced (W5); writing joins the frames of one turn of the event loop.
 */

const HEADER_BYTES = 4;
const PARTIAL_BYTES = 4 * 1024;
/** A batch starts as large as the last one was, up to this. */
const BATCH_BYTES_KEPT = 64 * 1024;

export class FrameReader {
  /** Longest frame that is taken. A frame callback may change it for the frames that follow. */
  bytesMax: number;
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerBytes = 0;
  /** The frame under way, when it did not come in one piece. */
  private partial: Buffer | undefined;
  private partialBytes = 0;
  /** Length of the frame under way. */
  private expected = 0;
  private stopped = false;

  /** @param onFrame gets a view into the bytes read; whoever keeps it, keeps those in memory */
  constructor(
    bytesMax: number,
    private readonly onFrame: (frame: Buffer) => void,
  ) {
    this.bytesMax = bytesMax;
  }

  /** The length that was announced last. */
  get announced(): number {
    return this.expected;
  }

  /** No frame comes from now on, not even one that has arrived. */
  stop(): void {
    this.stopped = true;
    this.partial = undefined;
  }

  /** False when a frame is announced that is longer than allowed; nothing is read from then on. */
  push(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && !this.stopped) {
      if (!this.partial) {
        at = this.readHeader(chunk, at);
        if (this.headerBytes < HEADER_BYTES) return true;
        this.headerBytes = 0;
        if (this.expected > this.bytesMax) {
          this.stop();
          return false;
        }
        if (chunk.length - at >= this.expected) {
          this.onFrame(chunk.subarray(at, (at += this.expected)));
          continue;
        }
        this.partial = Buffer.allocUnsafe(
          Math.min(this.expected, Math.max(PARTIAL_BYTES, chunk.length - at)),
        );
        this.partialBytes = 0;
      }
      at += this.fill(this.partial, chunk, at);
    }
    return true;
  }

  private readHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.header, this.headerBytes, at);
    this.headerBytes += taken;
    if (this.headerBytes === HEADER_BYTES) this.expected = this.header.readUInt32BE();
    return at + taken;
  }

  /** Moves what belongs to the frame under way; doubles its buffer as bytes arrive, so that the copying stays linear. */
  private fill(partial: Buffer, chunk: Buffer, at: number): number {
    const taken = Math.min(this.expected - this.partialBytes, chunk.length - at);
    const needed = this.partialBytes + taken;
    let buffer = partial;
    if (needed > partial.length) {
      buffer = Buffer.allocUnsafe(Math.min(this.expected, Math.max(needed, partial.length * 2)));
      partial.copy(buffer, 0, 0, this.partialBytes);
    }
    chunk.copy(buffer, this.partialBytes, at, at + taken);
    this.partialBytes = needed;
    this.partial = buffer;
    if (needed === this.expected) {
      this.partial = undefined;
      this.onFrame(buffer);
    }
    return taken;
  }
}

export class FrameWriter {
  private batch: Buffer | undefined;
  private length = 0;
  private lastLength = 0;

  /** Bytes that wait to be taken. */
  get bytes(): number {
    return this.length;
  }

  append(frame: Uint8Array): void {
    const needed = this.length + HEADER_BYTES + frame.length;
    if (!this.batch) {
      this.batch = Buffer.allocUnsafe(Math.max(needed, Math.min(this.lastLength, BATCH_BYTES_KEPT)));
    } else if (needed > this.batch.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.batch.length * 2));
      this.batch.copy(larger, 0, 0, this.length);
      this.batch = larger;
    }
    this.batch.writeUInt32BE(frame.length, this.length);
    this.batch.set(frame, this.length + HEADER_BYTES);
    this.length = needed;
  }

  /** Everything appended since the last time, in one piece. */
  take(): Buffer | undefined {
    if (!this.batch) return undefined;
    const bytes = this.batch.subarray(0, this.length);
    this.batch = undefined;
    this.lastLength = this.length;
    this.length = 0;
    return bytes;
  }
}
