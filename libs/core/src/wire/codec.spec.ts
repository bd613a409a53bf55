import fc from 'fast-check';
import type { Claim, Incarnation, Message, NodeInfo } from '@nest-cluster/protocol';
import { decodeFrame, decodeMessage, encodeFrame, encodeMessage, type Frame } from './codec.js';
import { CLAIMS_MAX } from './limits.js';
import { encodePayload } from './payload.js';

const incarnation = (digit: string): Incarnation => digit.repeat(32) as Incarnation;

const node: NodeInfo = {
  name: 'orders@host-1' as NodeInfo['name'],
  incarnation: incarnation('a'),
  address: '10.0.0.1:45893' as NodeInfo['address'],
  dataPort: 45_894,
  startedAt: 1_790_000_000_000.25,
  priority: -3,
};

const claims: Claim[] = [
  { kind: 'alive', node, version: 7, degraded: true },
  {
    kind: 'suspect',
    node: { ...node, name: 'bücher@höst' as NodeInfo['name'] },
    version: 2 ** 40,
    by: incarnation('b'),
  },
  { kind: 'dead', node, version: 0 },
  { kind: 'left', node: { ...node, dataPort: 0 }, version: Number.MAX_SAFE_INTEGER },
];

const ballot = { counter: 300, proposer: incarnation('c') };

const roll = {
  term: 7_000_000_000_000_001,
  step: 2,
  nodes: 4,
  out: [incarnation('a'), incarnation('b')],
  absent: [incarnation('c')],
  appeal: true,
};

const MESSAGES: Message[] = [
  { type: 'probe', seq: 1, digest: 0xffff_ffff, claims: [] },
  { type: 'probe', seq: 2 ** 33, digest: 0, claims },
  { type: 'ack', seq: 127, digest: 128, lagMs: 0.125, claims },
  { type: 'indirectProbe', seq: 9, target: node, claims },
  { type: 'indirectAck', seq: 9, target: incarnation('d'), outcome: 'reached', claims: [] },
  { type: 'indirectAck', seq: 9, target: incarnation('d'), outcome: 'refused', claims: [] },
  { type: 'indirectAck', seq: 9, target: incarnation('d'), outcome: 'silent', claims },
  { type: 'gossip', claims },
  { type: 'sync', reply: true, claims },
  { type: 'sync', reply: false, claims: [] },
  { type: 'refuse', reason: 'nameTaken', holder: node },
  { type: 'silence', leftMs: 1_999.5, heard: { nodes: 3, digest: 2 ** 52 - 1 } },
  { type: 'prepare', ballot },
  { type: 'prepare', ballot, roll },
  { type: 'promise', ballot, tokenMax: 7_000_000_000_000_000 },
  { type: 'accept', ballot, round: 4, token: 7_000_000_000_000_001, leaseMs: 1_999.5, leading: true },
  { type: 'accept', ballot, round: 4, token: 8, leaseMs: 2_000, leading: false, roll },
  { type: 'accepted', ballot, round: 4 },
  { type: 'reject', ballot, round: 5, promised: 301, tokenMax: 12, blockedMs: 0 },
  { type: 'reject', ballot, round: 5, promised: 0, tokenMax: 12, blockedMs: 0, roll },
  { type: 'release', ballot },
  { type: 'leading', token: 12, leaseMs: 2_000 },
  { type: 'resigned', token: 12 },
];

const FRAMES: Frame[] = [
  ...MESSAGES.map((message): Frame => ({ kind: 'message', message })),
  {
    kind: 'request',
    id: 0xffff_ffff,
    topic: 'nodes',
    body: { a: [1, 'zwei', null, true, new Date(5)], b: { c: 2n ** 80n } },
  },
  { kind: 'response', id: 0, ok: true, body: new Uint8Array([1, 2, 3]) },
  { kind: 'response', id: 1, ok: true, body: null },
  { kind: 'response', id: 2, ok: false, error: 'no such node' },
];

/** Copies bytes into plain arrays, because a Buffer and a Uint8Array are the same to us. */
const plain = (frame: Frame | undefined): unknown =>
  frame?.kind === 'response' && frame.ok && frame.body instanceof Uint8Array
    ? { ...frame, body: [...frame.body] }
    : frame;

describe('messages and frames', () => {
  it.each(MESSAGES)('arrive as they were sent: $type', (message) => {
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it.each(FRAMES)('arrive as they were sent: $kind', (frame) => {
    expect(plain(decodeFrame(encodeFrame(frame)))).toEqual(plain(frame));
  });

  it('are small: a probe takes 8 bytes, a claim little more than what it says', () => {
    expect(encodeMessage({ type: 'probe', seq: 1, digest: 0xffff_ffff, claims: [] })).toHaveLength(8);
    const claim = encodeMessage({ type: 'gossip', claims: [claims[0] as Claim] });
    expect(claim.length).toBeLessThan(80);
  });

  it('keep what they decoded when the bytes are used for something else', () => {
    const bytes = encodeFrame({ kind: 'response', id: 0, ok: true, body: new Uint8Array([1, 2, 3]) });
    const frame = decodeFrame(bytes);
    bytes.fill(0);
    expect(plain(frame)).toEqual({ kind: 'response', id: 0, ok: true, body: [1, 2, 3] });
  });

  it('cut and clean what a failed call says, so that it stands on one line', () => {
    const error = `first\nsecond \u001b[31m${'ü'.repeat(2_000)}`;
    const frame = decodeFrame(encodeFrame({ kind: 'response', id: 1, ok: false, error }));
    expect(frame).toMatchObject({ ok: false, error: expect.stringMatching(/^first second {2}\[31mü+$/) });
  });
});

describe('what this node must not send', () => {
  it.each<[string, Message]>([
    ['a sequence below zero', { type: 'probe', seq: -1, digest: 0, claims: [] }],
    ['a fraction', { type: 'resigned', token: 1.5 }],
    ['a time that is not finite', { type: 'leading', token: 1, leaseMs: Number.POSITIVE_INFINITY }],
    ['a damaged incarnation', { type: 'prepare', ballot: { counter: 1, proposer: 'zz' as Incarnation } }],
    [
      'a name with a line break',
      { type: 'refuse', reason: 'nameTaken', holder: { ...node, name: 'a\nb' as NodeInfo['name'] } },
    ],
    [
      'a name too long',
      { type: 'refuse', reason: 'nameTaken', holder: { ...node, name: 'x'.repeat(256) as NodeInfo['name'] } },
    ],
  ])('throws: %s', (_, message) => {
    expect(() => encodeMessage(message)).toThrow(
      expect.objectContaining({ code: 'CLUSTER_INVARIANT_BROKEN' }),
    );
    expect(decodeMessage(encodeMessage({ type: 'gossip', claims: [] }))).toEqual({
      type: 'gossip',
      claims: [],
    });
  });

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a set', { inside: new Set([1]) }],
    ['a map', [new Map()]],
    ['an error', new RangeError('r')],
    [
      'a cycle',
      (() => {
        const loop: unknown[] = [];
        loop.push(loop);
        return loop;
      })(),
    ],
  ])('refuses a body with %s', (_, body) => {
    expect(() => encodeFrame({ kind: 'request', id: 1, topic: 't', body })).toThrow(
      expect.objectContaining({ code: 'CLUSTER_VALUE_INVALID' }),
    );
  });
});

describe('bytes from strangers (W5)', () => {
  const request = (body: readonly number[]): Uint8Array => Uint8Array.from([1, 7, 1, 0x74, ...body]);

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['an unknown kind', Uint8Array.of(200)],
    ['an unknown message', Uint8Array.of(0, 99)],
    [
      'bytes after the end',
      Uint8Array.from([...encodeFrame({ kind: 'message', message: { type: 'gossip', claims: [] } }), 0]),
    ],
    ['a number not in its shortest form', Uint8Array.of(0, 15, 0x80, 0x00)],
    ['a number beyond 2^53', Uint8Array.of(0, 15, 255, 255, 255, 255, 255, 255, 255, 255, 1)],
    ['more claims than there are bytes', Uint8Array.of(0, 4, 0xff, 0x7f)],
    ['a body that announces 4 billion items', request([0xdd, 0xff, 0xff, 0xff, 0xff])],
    ['a body that announces 30 million items', request([0xdd, 0x01, 0xff, 0xff, 0xff])],
    ['a body that announces 4 billion keys', request([0xdf, 0xff, 0xff, 0xff, 0xff])],
    ['a body that announces 4 GB of text', request([0xdb, 0xff, 0xff, 0xff, 0xff, 0x61])],
    ['a body that announces 4 GB of bytes', request([0xc6, 0xff, 0xff, 0xff, 0xff, 0x61])],
    ['a body with a record', request([0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01])],
    [
      'a body with an error object',
      request([0xc7, 0x01, 0x65, 0x92, 0xa5, 0x45, 0x72, 0x72, 0x6f, 0x72, 0xa1, 0x78]),
    ],
    ['a body with a regular expression', request([0xc7, 0x00, 0x78, 0x92, 0xa1, 0x28, 0xa0])],
    ['a body with a key that is no text', request([0x81, 0x01, 0x01])],
    ['a body nested 10,000 deep', request(Array.from({ length: 10_000 }, () => 0x91))],
    ['two bodies', request([0x01, 0x01])],
  ])('drops %s', (_, bytes) => {
    expect(decodeFrame(bytes)).toBeUndefined();
  });

  it('drops a name with a line break or with broken UTF-8', () => {
    const good = encodeMessage({
      type: 'refuse',
      reason: 'nameTaken',
      holder: { ...node, name: 'abc' as NodeInfo['name'] },
    });
    const at = Buffer.from(good).indexOf('abc');
    expect(decodeMessage(good)).toBeDefined();
    for (const byte of [0x0a, 0x7f, 0xff, 0xc3]) {
      const bad = Uint8Array.from(good);
      bad[at + 2] = byte;
      expect(decodeMessage(bad)).toBeUndefined();
    }
  });

  it('leaves prototypes alone', () => {
    const body = Buffer.concat([
      Buffer.from([0x81, 0xa9]),
      Buffer.from('__proto__'),
      Buffer.from([0x81, 0xa1, 0x78, 0x01]),
    ]);
    const frame = decodeFrame(request([...body]));
    expect(frame?.kind === 'request' && Object.getPrototypeOf(frame.body)).toBe(Object.prototype);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('drops more values than a body may hold', () => {
    const empties = new Uint8Array(300_005).fill(0x80);
    empties.set([0xdd, 0x00, 0x04, 0x93, 0xe0]);
    expect(decodeFrame(request([...empties]))).toBeUndefined();
  });

  it('takes as many claims as a message may have, and no more', () => {
    const gossip = (count: number): Uint8Array =>
      encodeMessage({ type: 'gossip', claims: Array.from({ length: count }, () => claims[0] as Claim) });
    expect(decodeMessage(gossip(CLAIMS_MAX))).toMatchObject({ claims: { length: CLAIMS_MAX } });
    expect(() => gossip(CLAIMS_MAX + 1)).toThrow('claims');
  });

  /** A frame with a message that was read must be what this node would write itself. */
  const isCanonical = (bytes: Uint8Array): boolean => {
    const frame = decodeFrame(bytes);
    return frame?.kind !== 'message' || Buffer.compare(encodeFrame(frame), bytes) === 0;
  };

  it('never throws on random bytes, and reads only what it would write itself', () => {
    const inFrame = fc
      .tuple(fc.nat(3), fc.nat(20))
      .chain(([kind, type]) =>
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from([kind, type, ...bytes])),
      );
    const property = fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), inFrame), isCanonical);
    expect(fc.check(property, { numRuns: 5_000 }).failed).toBe(false);
  });

  it('survives truncation and flipped bits of every valid frame', () => {
    for (const frame of FRAMES) {
      const good = encodeFrame(frame);
      const lengths = Array.from(good.keys());
      expect(lengths.filter((length) => decodeFrame(good.subarray(0, length)) !== undefined)).toEqual([]);
      for (let bit = 0; bit < good.length * 8; bit++) {
        const bad = Uint8Array.from(good);
        bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        if (!isCanonical(bad)) throw new Error(`bit ${bit} of ${frame.kind}`);
      }
    }
  });

  it('round-trips whatever plain values an application sends', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.bigInt(),
        fc.array(tie('any'), { maxLength: 5 }),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          tie('any'),
          { maxKeys: 5, noNullPrototype: true },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(value, (body) => {
        expect(decodeFrame(encodeFrame({ kind: 'response', id: 1, ok: true, body }))).toEqual({
          kind: 'response',
          id: 1,
          ok: true,
          body,
        });
        expect(encodePayload(body).length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
