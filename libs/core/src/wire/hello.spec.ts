import fc from 'fast-check';
import type { Address, Incarnation, NodeName } from '@nest-cluster/protocol';
import { commonVersion, decodeHandshake, encodeHandshake, type Hello } from './hello.js';

const ours = { min: 2, max: 4 };
const hello: Hello = {
  type: 'hello',
  versions: { min: 1, max: 3 },
  cluster: 'shöp',
  features: ['one', 'two'],
  node: {
    name: 'a' as NodeName,
    incarnation: '0123456789abcdef'.repeat(2) as Incarnation,
    address: 'h:1' as Address,
    dataPort: 65_535,
    startedAt: 0,
    priority: 1.5,
  },
};

describe('the handshake on the wire', () => {
  it('arrives as it was sent', () => {
    for (const frame of [
      hello,
      { type: 'ready', link: 0 },
      { type: 'keep', link: 0xffff_ffff },
      { type: 'drop' },
      { type: 'goodbye', reason: 'otherCluster', detail: 'no' },
    ] as const)
      expect(decodeHandshake(encodeHandshake(frame), ours)).toEqual(frame);
  });

  it('may say more in a later version, in its hello only', () => {
    const longer = Buffer.concat([encodeHandshake(hello), Buffer.from('more')]);
    expect(decodeHandshake(longer, ours)).toEqual(hello);
    expect(decodeHandshake(Buffer.from([...encodeHandshake({ type: 'drop' }), 0]), ours)).toBeUndefined();
  });

  it('needs nothing but the versions to see that there is none in common', () => {
    const foreign = encodeHandshake({ ...hello, versions: { min: 5, max: 9 } }).subarray(0, 7);
    expect(decodeHandshake(foreign, ours)).toEqual({ type: 'foreignHello', versions: { min: 5, max: 9 } });
  });

  it.each([
    [{ min: 1, max: 2 }, 2],
    [{ min: 4, max: 9 }, 4],
    [{ min: 1, max: 9 }, 4],
    [{ min: 3, max: 3 }, 3],
    [{ min: 1, max: 1 }, undefined],
    [{ min: 5, max: 9 }, undefined],
  ])('agrees on the highest version in common: %j', (theirs, version) => {
    expect(commonVersion(ours, theirs)).toBe(version);
    expect(commonVersion(theirs, ours)).toBe(version);
  });

  it('never throws, and never takes bytes that lack something (W5)', () => {
    const whole = encodeHandshake(hello);
    for (let length = 0; length < whole.length; length++) {
      const frame = decodeHandshake(whole.subarray(0, length), ours);
      expect(frame).toBeUndefined();
    }
    const property = fc.property(fc.nat(6), fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
      decodeHandshake(Uint8Array.from([kind, ...bytes]), ours);
      return true;
    });
    expect(fc.check(property, { numRuns: 3_000 }).failed).toBe(false);
  });
});
