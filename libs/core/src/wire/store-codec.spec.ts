import fc from 'fast-check';
import type { Incarnation, NodeName, Replica, StoreMessage } from '@nest-cluster/protocol';
import { checkKey } from './store-key.js';
import { decodeStoreMessage } from './store-reader.js';
import { encodeStoreMessage } from './store-writer.js';
import { StoreValue } from './store-value.js';

/** The bounds that replicas set each other by default. */
const STORE_DEFAULTS = {
  keyBytesMax: 512,
  valueBytesMax: 1024 * 1024,
  batchEntriesMax: 2_048,
  siblingsMax: 64,
  gapsMax: 1_024,
  fencedMax: 4_096,
  reportKeysMax: 1_000,
};

const replica = (digit: string, generation = 0): Replica => ({
  name: `orders@${digit}` as NodeName,
  incarnation: digit.repeat(32) as Incarnation,
  generation,
});
const replicas = [replica('a'), replica('b', 7)];
const clock = [
  { origin: 0, base: 2 ** 40, above: [] },
  { origin: 1, base: 0, above: [2, 5, 9, 9] },
];
const stored = (value: unknown) => StoreValue.of(value, STORE_DEFAULTS.valueBytesMax);
const time = 1_790_000_000_000 * 2_048 + 3;
const delta = { counter: 1, key: 'k', value: stored({ a: [1] }), time, expiresAt: 0, seen: undefined };
const sibling = { origin: 1, counter: 5, value: undefined, time, expiresAt: 1_790_000_000_500 };
const state = {
  key: '__proto__',
  siblings: [sibling, { ...sibling, value: stored('x') }],
  seen: [0, 4, 1, 5],
};

const MESSAGES: StoreMessage[] = [
  {
    type: 'clock',
    replicas,
    full: true,
    clock,
    floor: [{ origin: 1, base: 3, above: [] }],
    ready: true,
    fenced: null,
    chosen: false,
    quorum: true,
    side: replica('c'),
    apart: [replica('d')],
    recovery: 'manual',
    recoveryTime: time,
    reply: true,
  },
  {
    type: 'deltas',
    replicas,
    deltas: [delta, { ...delta, key: 'ключ\n😀', value: undefined, seen: [0, 3] }],
  },
  { type: 'held', generation: 0, counter: 2 ** 52 },
  { type: 'pull', session: 4, replicas, clock },
  { type: 'chunk', session: 4, seq: 0, replicas, states: [state], whole: false, first: null, last: null },
  {
    type: 'chunk',
    session: 4,
    seq: 1,
    replicas,
    states: [],
    whole: true,
    first: { settled: clock, roster: [1, 0] },
    last: { clock, floor: [], fenced: [replica('e')] },
  },
  { type: 'next', session: 4, seq: 9 },
  { type: 'unable', session: 4 },
  { type: 'resolve', partition: 'a-b', time, choice: { kind: 'merge' }, sides: [replicas, []] },
  {
    type: 'resolve',
    partition: 'a-b',
    time,
    choice: { kind: 'keep', side: replica('f').incarnation },
    sides: [],
  },
  { type: 'recovery', mode: 'automatic', time },
  { type: 'compare', id: 3, replicas, clock },
  { type: 'comparison', id: 3, replicas, clock, states: [state], total: 12 },
];

const decode = (bytes: Uint8Array, bounds = {}): StoreMessage | undefined =>
  decodeStoreMessage(bytes, { ...STORE_DEFAULTS, ...bounds });

describe('messages of the store', () => {
  it.each(MESSAGES.map((message) => [message.type, message] as const))(
    '%s arrives as it was sent',
    (_, message) => {
      expect(decode(encodeStoreMessage(message))).toEqual(message);
    },
  );

  it('is nothing else than itself: no prefix, no byte more, and no damage throws (W5)', () => {
    for (const message of MESSAGES) {
      const bytes = encodeStoreMessage(message);
      expect(decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
      for (let length = 0; length < bytes.length; length++)
        expect(decode(bytes.subarray(0, length))).toBeUndefined();
      for (let at = 0; at < bytes.length; at++) {
        for (const flip of [1, 0x80, 0xff]) {
          const damaged = Buffer.from(bytes);
          damaged[at] = (damaged[at] ?? 0) ^ flip;
          decode(damaged);
        }
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decode(bytes)),
      { numRuns: 5_000 },
    );
  });

  it('keeps to each bound, and one more breaks it', () => {
    const deltas = (count: number): Uint8Array =>
      encodeStoreMessage({ type: 'deltas', replicas, deltas: Array.from({ length: count }, () => delta) });
    expect(decode(deltas(3), { batchEntriesMax: 3 })).toBeDefined();
    expect(decode(deltas(4), { batchEntriesMax: 3 })).toBeUndefined();
    const keyed = (key: string): Uint8Array =>
      encodeStoreMessage({ type: 'deltas', replicas, deltas: [{ ...delta, key }] });
    expect(decode(keyed('k'.repeat(512)))).toBeDefined();
    expect(decode(keyed('k'.repeat(513)))).toBeUndefined();
    const valued = (length: number): Uint8Array =>
      encodeStoreMessage({
        type: 'deltas',
        replicas,
        deltas: [{ ...delta, value: stored('v'.repeat(length)) }],
      });
    expect(decode(valued(50), { valueBytesMax: 52 })).toBeDefined();
    expect(decode(valued(51), { valueBytesMax: 52 })).toBeUndefined();
    const chunk = (siblings: number, fenced: number): Uint8Array =>
      encodeStoreMessage({
        type: 'chunk',
        session: 1,
        seq: 0,
        replicas,
        states: [{ key: 'k', siblings: Array.from({ length: siblings }, () => sibling), seen: undefined }],
        whole: false,
        first: null,
        last: { clock, floor: [], fenced: Array.from({ length: fenced }, () => replica('e')) },
      });
    expect(decode(chunk(2, 2), { siblingsMax: 2, fencedMax: 2 })).toBeDefined();
    expect(decode(chunk(3, 2), { siblingsMax: 2, fencedMax: 2 })).toBeUndefined();
    expect(decode(chunk(2, 3), { siblingsMax: 2, fencedMax: 2 })).toBeUndefined();
  });

  it('drops what names an origin that is not there, or ranges that make no sense', () => {
    const pull = (entry: { origin: number; base: number; above: number[] }): Uint8Array =>
      encodeStoreMessage({ type: 'pull', session: 1, replicas, clock: [entry] });
    expect(decode(pull({ origin: 1, base: 3, above: [5, 5] }))).toBeDefined();
    expect(decode(pull({ origin: 2, base: 3, above: [] }))).toBeUndefined();
    for (const above of [[4, 5], [5], [6, 5], [5, 6, 7, 8], [5, 6, 3, 4]])
      expect(decode(pull({ origin: 1, base: 3, above }))).toBeUndefined();
  });
});

describe('checkKey', () => {
  it.each(['a', '__proto__', 'constructor', '\n', '😀', 'é'.repeat(256), 'k'.repeat(512)])(
    'takes %j',
    (key) => {
      expect(() => checkKey(key, 512)).not.toThrow();
    },
  );

  it.each([
    '',
    '\ud800',
    'a\udc00b',
    'k'.repeat(513),
    'é'.repeat(257),
    'x'.repeat(1024 * 1024),
    7,
    null,
    undefined,
  ])('refuses what is no key: %#', (key) => {
    expect(() => checkKey(key, 512)).toThrow(expect.objectContaining({ code: 'CLUSTER_KEY_INVALID' }));
  });
});
