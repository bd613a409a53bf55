import type { BucketPart, Decree, Delta, KeyState, Replica, StoreMessage } from '@nest-cluster/protocol';
import { ByteWriter } from './byte-writer.js';
import {
  choose,
  chunk,
  comparison,
  decode,
  decree,
  delta,
  deltas,
  digests,
  greeting,
  pairs,
  part,
  pass,
  pull,
  recent,
  replica,
  sibling,
  stored,
  times,
} from './store-codec.fixture.js';
import {
  DIGESTS,
  DOTS_MAX,
  MEETS_MAX,
  PARTS_MAX,
  REPLICAS_MAX,
  SIDES_MAX,
  type StoreBounds,
} from './store-format.js';
import { encodeStoreMessage } from './store-writer.js';

describe('bounds of what the store is told', () => {
  const surveyed = (list: Decree[]): StoreMessage => ({
    type: 'surveyed',
    token: 1,
    records: list.map((each) => ({ ageMs: 1, decree: each })),
  });
  const states = (count: number): KeyState[] => times(count, { key: 'k', siblings: [] });
  const siblings = (count: number): KeyState[] => [{ key: 'k', siblings: times(count, sibling) }];
  const two = (count: number): BucketPart[] => [
    { ...part, states: states(2) },
    { ...part, states: states(count - 2) },
  ];
  const valued = (length: number): Delta => ({ ...delta, value: stored('v'.repeat(length - 2)) });
  const [one, sides] = [replica('c'), (count: number): Replica[][] => times(count, [])];

  it.each<[string, number, Partial<StoreBounds>, (count: number) => StoreMessage]>([
    ['bytes of a key', 512, {}, (count) => ({ ...deltas, deltas: [{ ...delta, key: 'k'.repeat(count) }] })],
    ['bytes of a value', 52, { valueBytesMax: 52 }, (count) => ({ ...deltas, deltas: [valued(count)] })],
    [
      'writes in a message',
      3,
      { batchEntriesMax: 3 },
      (count) => ({ ...deltas, deltas: times(count, delta) }),
    ],
    [
      'recent keys in a message',
      3,
      { batchEntriesMax: 3 },
      (count) => ({ ...recent, states: states(count) }),
    ],
    [
      'keys of all buckets in a message',
      3,
      { batchEntriesMax: 3 },
      (count) => ({ ...chunk, parts: two(count) }),
    ],
    ['keys of a report', 3, { reportKeysMax: 3 }, (count) => ({ ...comparison, states: states(count) })],
    [
      'siblings of a key, and as many again',
      4,
      { siblingsMax: 2 },
      (count) => ({ ...recent, states: siblings(count) }),
    ],
    [
      'known decrees',
      2,
      { decreesMax: 2 },
      (count) => ({ ...greeting, decrees: times(count, { id: 'd', state: 'applied' } as const) }),
    ],
    ['decrees', 2, { decreesMax: 2 }, (count) => surveyed(times(count, decree))],
    ['replicas in a message', REPLICAS_MAX, {}, (count) => ({ ...pull, replicas: times(count, one) })],
    [
      'entries of a clock',
      REPLICAS_MAX,
      {},
      (count) => ({ ...pull, clock: times(count, { origin: 0, counter: 1 }) }),
    ],
    ['replicas that are apart', REPLICAS_MAX, {}, (count) => ({ ...greeting, apart: times(count, one) })],
    [
      'voters that a replica meets',
      MEETS_MAX,
      {},
      (count) => ({ ...greeting, meets: times(count, one.incarnation) }),
    ],
    [
      'writes that a write has seen',
      REPLICAS_MAX,
      {},
      (count) => ({ ...deltas, deltas: [{ ...delta, beyond: pairs(count) }] }),
    ],
    [
      'writers that a bucket knows',
      REPLICAS_MAX,
      {},
      (count) => ({ ...chunk, parts: [{ ...part, beyond: pairs(count) }] }),
    ],
    [
      'parts in a message',
      PARTS_MAX,
      {},
      (count) => ({ ...chunk, parts: times(count, { ...part, states: [] }) }),
    ],
    ['sides of a choice', SIDES_MAX, {}, (count) => ({ ...choose, sides: sides(count) })],
    ['sides of a decree', SIDES_MAX, {}, (count) => surveyed([{ ...decree, sides: sides(count) }])],
    [
      'replicas whose writes are void',
      REPLICAS_MAX,
      {},
      (count) => surveyed([{ ...decree, voided: times(count, { replica: one, counter: 1 }) }]),
    ],
  ])('hold for %s: one more is dropped (W5, S9)', (_, max, bounds, message) => {
    expect(pass(message(max), bounds) !== undefined).toBe(true);
    expect(pass(message(max + 1), bounds) !== undefined).toBe(false);
  });

  it('hold for dots of a bucket: one more is dropped (W5, S9)', () => {
    const bytes = encodeStoreMessage({ ...chunk, parts: [{ ...part, states: [], dots: [] }] });
    // How many there are, and behind it what is known beyond them, and twice what is last.
    const [before, behind] = [bytes.subarray(0, -4), bytes.subarray(-3)];
    const dots = (count: number): Buffer => {
      const writer = new ByteWriter().start();
      writer.uint(count);
      return Buffer.concat([before, writer.finish(), Buffer.alloc(2 * count, 1), behind]);
    };
    expect(decode(dots(3))).toEqual({ ...chunk, parts: [{ ...part, states: [], dots: pairs(3) }] });
    expect(decode(dots(DOTS_MAX)) !== undefined).toBe(true);
    expect(decode(dots(DOTS_MAX + 1)) !== undefined).toBe(false);
  });
});

describe('what a node must not send', () => {
  it.each<[string, StoreMessage]>([
    ['digests of some buckets only', { ...digests, digests: times(DIGESTS - 1, 0) }],
    ['a digest of more than 32 bits', { ...digests, digests: times(DIGESTS, 2 ** 32) }],
    ['an origin without a counter', { ...chunk, parts: [{ ...part, dots: [0, 1, 1] }] }],
    ['an id that is too long', { type: 'accepted', token: 1, decree: 'd'.repeat(256) }],
  ])('is noticed where it is sent: %s (S9)', (_, message) => {
    expect(() => encodeStoreMessage(message)).toThrow(
      expect.objectContaining({ code: 'CLUSTER_INVARIANT_BROKEN' }),
    );
    expect(pass(pull)).toEqual(pull);
  });
});
