/**
 * What both directions of the store's wire format agree on. The order of types is the format of version 1; new types go to
 * the end, under a new version.
 */
import type { StoreMessage, StoreOptions } from '@nest-cluster/protocol';

/** The bounds that replicas set each other. */
export type StoreBounds = Pick<
  StoreOptions,
  | 'keyBytesMax'
  | 'valueBytesMax'
  | 'batchEntriesMax'
  | 'siblingsMax'
  | 'gapsMax'
  | 'fencedMax'
  | 'reportKeysMax'
>;

/** Replicas whose dots a node has met: past lives included, as long as it lives itself. */
export const REPLICAS_MAX = 65_536;
export const SIDES_MAX = 4_096;
/** Names of partitions, in bytes. */
export const TEXT_BYTES_MAX = 255;

export const TYPES: readonly StoreMessage['type'][] = [
  'clock',
  'deltas',
  'held',
  'pull',
  'chunk',
  'next',
  'unable',
  'resolve',
  'recovery',
  'compare',
  'comparison',
];
export const MODES = ['automatic', 'manual'] as const;
/** Stands for a value that is there and was left out. */
export const LEFT_OUT = 'n';
export const REPLICA_BYTES_MIN = 19;
