/**
 * What both directions of the store's wire format agree on. The order of types is the format of version 1; new types go to
 * the end, under a new version.
 */
import type {
  RefusalCode,
  DecreeState,
  RecoveryMode,
  ReplicaPhase,
  StoreMessage,
  StoreOptions,
} from '@nest-cluster/protocol';

/** The bounds that replicas set each other. */
export type StoreBounds = Pick<
  StoreOptions,
  'keyBytesMax' | 'valueBytesMax' | 'batchEntriesMax' | 'siblingsMax' | 'decreesMax' | 'reportKeysMax'
>;

/** Replicas whose dots a node has met: past lives included, as long as it lives itself. */
export const REPLICAS_MAX = 65_536;
export const SIDES_MAX = 4_096;
/** Voters that a replica has links with. */
export const MEETS_MAX = 4_096;
/** Ids of partitions and decrees, in bytes. */
export const TEXT_BYTES_MAX = 255;
/** Into so many buckets the protocol divides keys. The wire takes only types from there, so the number stands here again. */
export const BUCKETS = 1_024;
/** Two for each bucket. */
export const DIGESTS = 2 * BUCKETS;
/** Parts of buckets in one message. */
export const PARTS_MAX = 1_024;
/** Dots of one bucket. */
export const DOTS_MAX = 4_194_304;
/** A node may hold more siblings than it should for as long as it takes to resolve them. */
export const SIBLINGS_EXCESS = 2;

export const TYPES: readonly StoreMessage['type'][] = [
  'clock',
  'deltas',
  'resume',
  'held',
  'pull',
  'digests',
  'buckets',
  'recent',
  'chunk',
  'next',
  'unable',
  'recovery',
  'choose',
  'chosen',
  'survey',
  'surveyed',
  'propose',
  'accepted',
  'decree',
  'compare',
  'comparison',
];
export const MODES = ['automatic', 'manual'] as const satisfies readonly RecoveryMode[];
export const PHASES = ['joining', 'ready', 'replacing'] as const satisfies readonly ReplicaPhase[];
export const DECREE_STATES = ['applied', 'pending', 'cancelled'] as const satisfies readonly DecreeState[];
/** Why a leader does not decide as it was asked to. */
export const REFUSALS = [
  'CLUSTER_PARTITION_UNKNOWN',
  'CLUSTER_PARTITION_DECIDED',
  'CLUSTER_QUORUM_UNAVAILABLE',
] as const satisfies readonly RefusalCode[];
/** Stands for a value that is there and was left out. */
export const LEFT_OUT = 'n';

/** The fewest bytes that an item of a list takes. */
export const INCARNATION_BYTES = 16;
export const REPLICA_BYTES_MIN = INCARNATION_BYTES + 3;
export const VOIDED_BYTES_MIN = REPLICA_BYTES_MIN + 1;
export const CLOCK_ENTRY_BYTES_MIN = 2;
export const PAIR_BYTES_MIN = 2;
export const DELTA_BYTES_MIN = 7;
export const SIBLING_BYTES_MIN = 6;
export const STATE_BYTES_MIN = 3;
export const PART_BYTES_MIN = 5;
export const KNOWN_DECREE_BYTES_MIN = 3;
export const DECREE_BYTES_MIN = 8;
