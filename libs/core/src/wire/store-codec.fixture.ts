/** A message of the store of every type, in all its variants, and ways to pass one through the codec. */
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
import { BUCKETS, DIGESTS, type StoreBounds } from './store-format.js';
import { decodeStoreMessage } from './store-reader.js';
import { StoreValue } from './store-value.js';
import { encodeStoreMessage } from './store-writer.js';

/** The bounds that replicas set each other by default. */
const STORE_DEFAULTS: StoreBounds = {
  keyBytesMax: 512,
  valueBytesMax: 1024 * 1024,
  batchEntriesMax: 1_024,
  siblingsMax: 64,
  decreesMax: 64,
  reportKeysMax: 1_000,
};

export const replica = (digit: string, generation = 0): Replica => ({
  name: `orders@${digit}` as NodeName,
  incarnation: digit.repeat(32) as Incarnation,
  generation,
});
export const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
export const pairs = (count: number): number[] => times(2 * count, 1);
export const stored = (value: unknown) => StoreValue.of(value, STORE_DEFAULTS.valueBytesMax);

export const replicas = [replica('a'), replica('b', 7)];
export const clock = [
  { origin: 0, counter: 2 ** 40 },
  { origin: 1, counter: 0 },
];
const time = 1_790_000_000_000 * 2_048 + 3;
export const delta: Delta = {
  counter: 1,
  key: 'k',
  value: stored({ a: [1] }),
  time,
  expiresAt: 0,
  beyond: undefined,
};
export const sibling: WireSibling = {
  origin: 1,
  counter: 5,
  value: stored(null),
  time,
  expiresAt: 1_790_000_000_500,
};
export const state: KeyState = { key: '__proto__', siblings: [sibling, { ...sibling, value: stored('x') }] };
export const part: BucketPart = { bucket: 0, states: [state], dots: null, beyond: undefined, isLast: false };
export const decree: Decree = {
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
export const greeting: MessageOf<'clock'> = {
  type: 'clock',
  replicas,
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
export const deltas: MessageOf<'deltas'> = {
  type: 'deltas',
  stream: 3,
  isStart: true,
  replicas,
  context: clock,
  deltas: [],
};
export const pull: MessageOf<'pull'> = { type: 'pull', session: 4, replicas, clock, isBlank: false };
export const digests: MessageOf<'digests'> = {
  type: 'digests',
  session: 4,
  replicas,
  clock,
  ahead: 0,
  digests: Array.from({ length: DIGESTS }, (_, at) => (at * 0x9e37_79b9) >>> 0),
};
export const recent: MessageOf<'recent'> = {
  type: 'recent',
  session: 4,
  seq: 0,
  replicas,
  states: [],
  clock: null,
};
export const chunk: MessageOf<'chunk'> = {
  type: 'chunk',
  session: 4,
  seq: 0,
  replicas,
  clock,
  parts: [],
  isLast: false,
};
export const choose: MessageOf<'choose'> = {
  type: 'choose',
  request: 8,
  partition: 'a-b',
  choice: { kind: 'merge' },
  sides: [],
};
export const refused: MessageOf<'chosen'> = {
  type: 'chosen',
  request: 8,
  refusal: { code: 'CLUSTER_PARTITION_UNKNOWN', reason: 'no partition a-b waits' },
};
export const comparison: MessageOf<'comparison'> = {
  type: 'comparison',
  id: 3,
  replicas,
  clock,
  states: [],
  total: 0,
};

export const MESSAGES: StoreMessage[] = [
  greeting,
  {
    ...greeting,
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
  { type: 'surveyed', token: 12, records: [] },
  {
    type: 'surveyed',
    token: 12,
    records: [
      { ageMs: 0, decree },
      {
        ageMs: 86_400_000,
        decree: { ...decree, id: 'd'.repeat(255), choice: { kind: 'merge' }, sides: [], voided: [] },
      },
    ],
  },
  { type: 'propose', token: 12, decree },
  { type: 'accepted', token: 12, decree: 'd-1' },
  { type: 'decree', decree },
  { type: 'compare', id: 3, replicas, clock },
  comparison,
  { ...comparison, states: [state], total: 12 },
];

export const decode = (bytes: Uint8Array, bounds: Partial<StoreBounds> = {}): StoreMessage | undefined =>
  decodeStoreMessage(bytes, { ...STORE_DEFAULTS, ...bounds });
export const pass = (message: StoreMessage, bounds: Partial<StoreBounds> = {}): StoreMessage | undefined =>
  decode(encodeStoreMessage(message), bounds);
