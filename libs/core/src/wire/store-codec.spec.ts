import fc from 'fast-check';
import type {
  BucketPart,
  Decree,
  Delta,
  Incarnation,
  KeyState,
  MessageOf,
  NodeName,
  Replica,
  StoreMessage,
  WireSibling,
} from '@nest-cluster/protocol';
import {
  BUCKETS,
  DIGESTS,
  DOTS_MAX,
  MEETS_MAX,
  PARTS_MAX,
  REPLICAS_MAX,
  SIDES_MAX,
  TYPES,
} from './store-format.js';
import { checkKey } from './store-key.js';
import { decodeStoreMessage } from './store-reader.js';
import { encodeStoreMessage } from './store-writer.js';
import { StoreValue } from './store-value.js';

/** The bounds that replicas set each other by default. */
const STORE_DEFAULTS = {
  keyBytesMax: 512,
  valueBytesMax: 1024 * 1024,
  batchEntriesMax: 1_024,
  siblingsMax: 64,
  decreesMax: 64,
  reportKeysMax: 1_000,
};

const replica = (digit: string, generation = 0): Replica => ({
  name: `orders@${digit}` as NodeName,
  incarnation: digit.repeat(32) as Incarnation,
  generation,
});
const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
const pairs = (count: number): number[] => times(2 * count, 1);
const stored = (value: unknown) => StoreValue.of(value, STORE_DEFAULTS.valueBytesMax);

const replicas = [replica('a'), replica('b', 7)];
const clock = [
  { origin: 0, counter: 2 ** 40 },
  { origin: 1, counter: 0 },
];
const time = 1_790_000_000_000 * 2_048 + 3;
const delta: Delta = {
  counter: 1,
  key: 'k',
  value: stored({ a: [1] }),
  time,
  expiresAt: 0,
  beyond: undefined,
};
const sibling: WireSibling = {
  origin: 1,
  counter: 5,
  value: stored(null),
  time,
  expiresAt: 1_790_000_000_500,
};
const state: KeyState = { key: '__proto__', siblings: [sibling, { ...sibling, value: stored('x') }] };
const part: BucketPart = { bucket: 0, states: [state], dots: null, beyond: undefined, isLast: false };
const decree: Decree = {
  id: 'd-1',
  token: 12,
  partition: 'a-b',
  choice: { kind: 'keep', side: replica('f').incarnation },
  sides: [replicas, []],
  voided: [
    { replica: replica('b', 7), counter: 0 },
    { replica: replica('c'), counter: 2 ** 41 },
  ],
};
const greeting: MessageOf<'clock'> = {
  type: 'clock',
  replicas,
  full: true,
  clock,
  ahead: 0xffff_ffff,
  phase: 'joining',
  meets: [replica('e').incarnation, replica('f').incarnation],
  side: replica('c'),
  apart: [replica('d')],
  decrees: [
    { id: 'd-1', state: 'applied' },
    { id: 'd-2', state: 'pending' },
    { id: 'd-3', state: 'cancelled' },
  ],
  recovery: 'manual',
  recoveryTime: time,
  reply: true,
};
const deltas: MessageOf<'deltas'> = {
  type: 'deltas',
  stream: 3,
  isStart: true,
  replicas,
  context: clock,
  deltas: [],
};
const pull: MessageOf<'pull'> = { type: 'pull', session: 4, replicas, clock, isBlank: false };
const digests: MessageOf<'digests'> = {
  type: 'digests',
  session: 4,
  replicas,
  clock,
  ahead: 0,
  digests: Array.from({ length: DIGESTS }, (_, at) => (at * 0x9e37_79b9) >>> 0),
};
const recent: MessageOf<'recent'> = {
  type: 'recent',
  session: 4,
  seq: 0,
  replicas,
  states: [],
  clock: null,
};
const chunk: MessageOf<'chunk'> = {
  type: 'chunk',
  session: 4,
  seq: 0,
  replicas,
  clock,
  parts: [],
  isLast: false,
};
const choose: MessageOf<'choose'> = {
  type: 'choose',
  request: 8,
  partition: 'a-b',
  choice: { kind: 'merge' },
  sides: [],
};
const refused: MessageOf<'chosen'> = {
  type: 'chosen',
  request: 8,
  refusal: { code: 'CLUSTER_PARTITION_UNKNOWN', reason: 'no partition a-b waits' },
};
const comparison: MessageOf<'comparison'> = {
  type: 'comparison',
  id: 3,
  replicas,
  clock,
  states: [],
  total: 0,
};

const MESSAGES: StoreMessage[] = [
  greeting,
  {
    ...greeting,
    full: false,
    clock: [],
    ahead: 0,
    phase: 'ready',
    meets: [],
    apart: [],
    decrees: [],
    recovery: 'automatic',
    recoveryTime: 0,
    reply: false,
  },
  { ...greeting, phase: 'replacing' },
  {
    ...deltas,
    deltas: [
      delta,
      { ...delta, key: 'ключ\n😀', value: undefined, beyond: [0, 3, 1, 2 ** 52] },
      { ...delta, counter: 2 ** 52, value: stored(undefined), expiresAt: 1_790_000_000_500 },
    ],
  },
  { ...deltas, isStart: false, context: [] },
  { type: 'resume' },
  { type: 'held', generation: 0, counter: 2 ** 52 },
  pull,
  { ...pull, replicas: [], clock: [], isBlank: true },
  digests,
  { ...digests, ahead: 7, digests: times(DIGESTS, 0xffff_ffff) },
  { type: 'buckets', session: 4, buckets: [0, 1, 600, BUCKETS - 1] },
  { type: 'buckets', session: 4, buckets: [] },
  recent,
  { ...recent, seq: 1, states: [state, { key: 'deleted', siblings: [] }], clock },
  { ...recent, seq: 2, clock: [] },
  chunk,
  {
    ...chunk,
    seq: 1,
    parts: [
      part,
      { bucket: 1, states: [], dots: [], beyond: [1, 9], isLast: true },
      { ...part, bucket: BUCKETS - 1, dots: [0, 4, 1, 5, 1, 6], beyond: [0, 3, 1, 4] },
    ],
    isLast: true,
  },
  { type: 'next', session: 4, seq: 9 },
  { type: 'unable', session: 4 },
  { type: 'recovery', mode: 'automatic', time },
  { type: 'recovery', mode: 'manual', time },
  choose,
  { ...choose, choice: decree.choice, sides: [replicas, [], [replica('c')]] },
  refused,
  { ...refused, refusal: { code: 'CLUSTER_PARTITION_DECIDED', reason: 'schon entschieden: behält „a“' } },
  { ...refused, refusal: { code: 'CLUSTER_QUORUM_UNAVAILABLE', reason: 'r'.repeat(1_024) } },
  { ...refused, refusal: null },
  { type: 'survey', token: 12 },
  { type: 'surveyed', token: 12, decrees: [] },
  {
    type: 'surveyed',
    token: 12,
    decrees: [decree, { ...decree, id: 'd'.repeat(255), choice: { kind: 'merge' }, sides: [], voided: [] }],
  },
  { type: 'propose', token: 12, decree },
  { type: 'accepted', token: 12, decree: 'd-1' },
  { type: 'decree', decree },
  { type: 'compare', id: 3, replicas, clock },
  comparison,
  { ...comparison, states: [state], total: 12 },
];

const decode = (bytes: Uint8Array, bounds = {}): StoreMessage | undefined =>
  decodeStoreMessage(bytes, { ...STORE_DEFAULTS, ...bounds });
const pass = (message: StoreMessage, bounds = {}): StoreMessage | undefined =>
  decode(encodeStoreMessage(message), bounds);

describe('messages of the store', () => {
  it('are all tried here', () => {
    expect(new Set(MESSAGES.map(({ type }) => type))).toEqual(new Set(TYPES));
  });

  it.each(MESSAGES.map((message) => [message.type, message] as const))(
    '%s arrives as it was sent',
    (_, message) => {
      expect(pass(message)).toStrictEqual(message);
    },
  );

  it('leave out values that are not there to be read, and say that there are some', () => {
    const states = [{ key: 'k', siblings: [{ ...sibling, value: new Uint8Array(0) }] }];
    expect(pass({ ...comparison, states })).toStrictEqual({
      ...comparison,
      states: [{ key: 'k', siblings: [{ ...sibling, value: stored(null) }] }],
    });
  });

  it('say in one way that nothing is known beyond the clock', () => {
    expect(pass({ ...deltas, deltas: [{ ...delta, beyond: [] }] })).toStrictEqual({
      ...deltas,
      deltas: [delta],
    });
    expect(pass({ ...chunk, parts: [{ ...part, beyond: [] }] })).toStrictEqual({ ...chunk, parts: [part] });
  });

  it('cut the reason of a refusal to its bound and to one line (S9)', () => {
    const reasonOf = (reason: string): string | undefined => {
      const message = pass({ ...refused, refusal: { code: 'CLUSTER_PARTITION_UNKNOWN', reason } });
      return message?.type === 'chosen' ? message.refusal?.reason : undefined;
    };
    expect(reasonOf('r'.repeat(5_000))).toBe('r'.repeat(1_024));
    expect(reasonOf('é'.repeat(1_000))).toBe('é'.repeat(512));
    expect(reasonOf('one\ntwo')).toBe('one two');
    expect(reasonOf('')).toBe('-');
  });

  it('name a replica by the same object every time', () => {
    const [first, second] = [pass(pull), pass(choose), pass({ ...pull, session: 5 })].flatMap((message) =>
      message?.type === 'pull' ? [message.replicas[0]] : [],
    );
    expect(first).toEqual(replica('a'));
    expect(second).toBe(first);
  });
});

describe('bytes that a peer made up', () => {
  it('are no message when they are a part of one, or one with a byte more (W5)', () => {
    for (const message of MESSAGES) {
      const bytes = encodeStoreMessage(message);
      expect(decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
      for (let length = 0; length < bytes.length; length++)
        if (decode(bytes.subarray(0, length)) !== undefined) throw new Error(`${message.type} ${length}`);
    }
  });

  it('never throw, and are exactly what they decode to (W5)', () => {
    const check = (bytes: Buffer): void => {
      const message = decode(bytes);
      // A reason is tidied up when it is written.
      if (message === undefined || message.type === 'chosen') return;
      if (!bytes.equals(encodeStoreMessage(message))) throw new Error(bytes.toString('hex'));
    };
    for (const message of MESSAGES) {
      const bytes = Buffer.from(encodeStoreMessage(message));
      // Nothing depends on any of the digests.
      const end = Math.min(bytes.length, 1_000);
      for (let at = 0; at < end; at++) {
        for (const flip of [1, 2, 0x80, 0xff]) {
          const damaged = Buffer.from(bytes);
          damaged[at] = (damaged[at] ?? 0) ^ flip;
          check(damaged);
        }
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => check(Buffer.from(bytes))),
      { numRuns: 5_000 },
    );
  });

  const beyond = pairs(1);
  const wrong = [1, 1, 2, 1];
  const unnamed = [{ origin: 2, counter: 1 }];
  const stray: KeyState = { key: 'k', siblings: [{ ...sibling, origin: 2 }] };
  it.each<[string, StoreMessage]>([
    ['a clock', { ...greeting, clock: unnamed }],
    ['the context of a stream', { ...deltas, context: unnamed }],
    ['what a write has seen', { ...deltas, deltas: [{ ...delta, beyond: wrong }] }],
    ['the clock of a pull', { ...pull, clock: unnamed }],
    ['a message that names nobody', { ...pull, replicas: [] }],
    ['the clock beside digests', { ...digests, clock: unnamed }],
    ['a sibling that is recent', { ...recent, states: [stray] }],
    ['the clock of a last part', { ...recent, clock: unnamed }],
    ['the clock of a chunk', { ...chunk, clock: unnamed }],
    ['a sibling in a bucket', { ...chunk, parts: [{ ...part, states: [stray] }] }],
    ['a dot of a bucket', { ...chunk, parts: [{ ...part, dots: wrong, beyond }] }],
    ['what a bucket knows', { ...chunk, parts: [{ ...part, dots: beyond, beyond: wrong }] }],
    ['a clock to compare with', { type: 'compare', id: 3, replicas, clock: unnamed }],
    ['the clock of a comparison', { ...comparison, clock: unnamed }],
    ['a sibling that is compared', { ...comparison, states: [stray] }],
  ])('are dropped when %s has an origin that the message does not name (W5)', (_, message) => {
    expect(pass(message)).toBeUndefined();
  });

  const without = { ...sibling, value: undefined } as unknown as WireSibling;
  it.each<[string, StoreMessage]>([
    ['a write without a number', { ...deltas, deltas: [{ ...delta, counter: 0 }] }],
    [
      'a sibling without a number',
      { ...recent, states: [{ key: 'k', siblings: [{ ...sibling, counter: 0 }] }] },
    ],
    ['a sibling without a value', { ...recent, states: [{ key: 'k', siblings: [without] }] }],
    ['a value that is none', { ...deltas, deltas: [{ ...delta, value: new StoreValue('?') }] }],
    ['a bucket that is not there', { type: 'buckets', session: 4, buckets: [BUCKETS] }],
    ['buckets out of order', { type: 'buckets', session: 4, buckets: [7, 3] }],
    ['a bucket twice', { type: 'buckets', session: 4, buckets: [3, 3] }],
    ['part of a bucket that is not there', { ...chunk, parts: [{ ...part, bucket: BUCKETS }] }],
    ['a digest of more than 32 bits', { ...greeting, ahead: 2 ** 32 }],
  ])('are dropped for %s (W5)', (_, message) => {
    expect(pass(message)).toBeUndefined();
  });

  it('are dropped when they refuse a choice for a reason that no leader has (W5)', () => {
    const text = Buffer.from(encodeStoreMessage(refused)).toString('latin1');
    const other = text.replace('CLUSTER_PARTITION_UNKNOWN', 'CLUSTER_PARTITION_UNKNOWX');
    expect(decode(Buffer.from(text, 'latin1'))).toBeDefined();
    expect(decode(Buffer.from(other, 'latin1'))).toBeUndefined();
  });
});

describe('bounds of what the store is told', () => {
  const surveyed = (list: Decree[]): StoreMessage => ({ type: 'surveyed', token: 1, decrees: list });
  const states = (count: number): KeyState[] => times(count, { key: 'k', siblings: [] });
  const siblings = (count: number): KeyState[] => [{ key: 'k', siblings: times(count, sibling) }];
  const two = (count: number): BucketPart[] => [
    { ...part, states: states(2) },
    { ...part, states: states(count - 2) },
  ];
  const valued = (length: number): Delta => ({ ...delta, value: stored('v'.repeat(length - 2)) });
  const [one, sides] = [replica('c'), (count: number): Replica[][] => times(count, [])];

  it.each<[string, number, (count: number) => StoreMessage, object?]>([
    ['bytes of a key', 512, (count) => ({ ...deltas, deltas: [{ ...delta, key: 'k'.repeat(count) }] })],
    ['bytes of a value', 52, (count) => ({ ...deltas, deltas: [valued(count)] }), { valueBytesMax: 52 }],
    [
      'writes in a message',
      3,
      (count) => ({ ...deltas, deltas: times(count, delta) }),
      { batchEntriesMax: 3 },
    ],
    [
      'recent keys in a message',
      3,
      (count) => ({ ...recent, states: states(count) }),
      { batchEntriesMax: 3 },
    ],
    [
      'keys of all buckets in a message',
      3,
      (count) => ({ ...chunk, parts: two(count) }),
      { batchEntriesMax: 3 },
    ],
    ['keys of a report', 3, (count) => ({ ...comparison, states: states(count) }), { reportKeysMax: 3 }],
    [
      'siblings of a key, and as many again',
      4,
      (count) => ({ ...recent, states: siblings(count) }),
      { siblingsMax: 2 },
    ],
    [
      'known decrees',
      2,
      (count) => ({ ...greeting, decrees: times(count, { id: 'd', state: 'applied' }) }),
      { decreesMax: 2 },
    ],
    ['decrees', 2, (count) => surveyed(times(count, decree)), { decreesMax: 2 }],
    ['replicas in a message', REPLICAS_MAX, (count) => ({ ...pull, replicas: times(count, one) })],
    [
      'entries of a clock',
      REPLICAS_MAX,
      (count) => ({ ...pull, clock: times(count, { origin: 0, counter: 1 }) }),
    ],
    ['replicas that are apart', REPLICAS_MAX, (count) => ({ ...greeting, apart: times(count, one) })],
    [
      'voters that a replica meets',
      MEETS_MAX,
      (count) => ({ ...greeting, meets: times(count, one.incarnation) }),
    ],
    [
      'writes that a write has seen',
      REPLICAS_MAX,
      (count) => ({ ...deltas, deltas: [{ ...delta, beyond: pairs(count) }] }),
    ],
    [
      'writers that a bucket knows',
      REPLICAS_MAX,
      (count) => ({ ...chunk, parts: [{ ...part, beyond: pairs(count) }] }),
    ],
    ['dots of a bucket', DOTS_MAX, (count) => ({ ...chunk, parts: [{ ...part, dots: pairs(count) }] })],
    [
      'parts in a message',
      PARTS_MAX,
      (count) => ({ ...chunk, parts: times(count, { ...part, states: [] }) }),
    ],
    ['sides of a choice', SIDES_MAX, (count) => ({ ...choose, sides: sides(count) })],
    ['sides of a decree', SIDES_MAX, (count) => surveyed([{ ...decree, sides: sides(count) }])],
    [
      'replicas whose writes are void',
      REPLICAS_MAX,
      (count) => surveyed([{ ...decree, voided: times(count, { replica: one, counter: 1 }) }]),
    ],
  ])('hold for %s: one more is dropped (W5, S9)', (_, max, message, bounds) => {
    expect(pass(message(max), bounds) !== undefined).toBe(true);
    expect(pass(message(max + 1), bounds) !== undefined).toBe(false);
  });
});

describe('what a node must not send', () => {
  it.each<[string, StoreMessage]>([
    ['digests of some buckets only', { ...digests, digests: times(DIGESTS - 1, 0) }],
    ['a digest of more than 32 bits', { ...digests, digests: times(DIGESTS, 2 ** 32) }],
    ['an origin without a counter', { ...chunk, parts: [{ ...part, dots: [0, 1, 1] }] }],
    ['an id that is too long', { type: 'accepted', token: 1, decree: 'd'.repeat(256) }],
    [
      'a refusal for a reason that no leader has',
      { ...refused, refusal: { code: 'CLUSTER_NOT_LEADER', reason: 'no' } },
    ],
  ])('is noticed where it is sent: %s (S9)', (_, message) => {
    expect(() => encodeStoreMessage(message)).toThrow(
      expect.objectContaining({ code: 'CLUSTER_INVARIANT_BROKEN' }),
    );
    expect(pass(pull)).toEqual(pull);
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
