import fc from 'fast-check';
import type { KeyState, StoreMessage, WireSibling } from '@nest-cluster/protocol';
import {
  choose,
  chunk,
  comparison,
  decode,
  delta,
  deltas,
  digests,
  greeting,
  MESSAGES,
  pairs,
  part,
  pass,
  pull,
  recent,
  refused,
  replica,
  replicas,
  sibling,
  stored,
} from './store-codec.fixture.js';
import { BUCKETS, TYPES } from './store-format.js';
import { checkKey } from './store-key.js';
import { StoreValue } from './store-value.js';
import { encodeStoreMessage } from './store-writer.js';

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

  it('show in a comparison that a value is there, without the value', () => {
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
      const taken: number[] = [];
      for (let length = 0; length < bytes.length; length++)
        if (decode(bytes.subarray(0, length)) !== undefined) taken.push(length);
      expect(taken).toEqual([]);
    }
  });

  it('never throw, and are exactly what they decode to (W5)', () => {
    const unlike: string[] = [];
    const check = (bytes: Buffer): void => {
      const message = decode(bytes);
      // A reason is tidied up when it is written.
      if (message === undefined || message.type === 'chosen') return;
      if (!bytes.equals(encodeStoreMessage(message))) unlike.push(bytes.toString('hex'));
    };
    for (const message of MESSAGES) {
      const bytes = Buffer.from(encodeStoreMessage(message));
      // What comes later in the longest is more of the same.
      const end = Math.min(bytes.length, 300);
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
    expect(unlike).toEqual([]);
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
