/**
 * The settings of the store, each with unit, default and trade-off, and the bounds of everything that a peer, a caller or
 * time can fill (W5, S9).
 */

export interface StoreOptions {
  /** Longest key in bytes of UTF-8 (S9). Checked by the data plane and by the codec. */
  readonly keyBytesMax: number;
  /** Largest encoded value in bytes (S9). Checked by the data plane and by the codec. */
  readonly valueBytesMax: number;
  /** How long a write waits for its acknowledgements, in milliseconds, before it is rejected (S1). */
  readonly writeTimeoutMs: number;
  /** Writes that may wait for acknowledgements at once; more are rejected with `CLUSTER_STORE_BUSY`. */
  readonly writesMax: number;
  /** How often a node tells the others what it holds, in milliseconds. Shorter repairs and forgets sooner (S2, S4, S8). */
  readonly clockIntervalMs: number;
  /** How long a dot may be on its way from its writer before it is fetched from somebody else, in milliseconds. */
  readonly patienceMs: number;
  /** How long a transfer may stand still before it is tried with another node, in milliseconds. */
  readonly pullTimeoutMs: number;
  /**
   * How long a joining node waits for nodes that are up and cannot be reached, in milliseconds, once it has a copy or when they
   * came later than it did. The store of those that were there before it is waited for as long as they are up (S7).
   */
  readonly joinTimeoutMs: number;
  /** Writes in one message. */
  readonly batchEntriesMax: number;
  /** Bytes of keys and values in one message, unless a single entry is larger. Smaller pauses shorter (S7). */
  readonly batchBytesMax: number;
  /** Dots per origin whose key is remembered for repair; older ones are repaired by reading through the store. */
  readonly logMax: number;
  /** How long a failed node is waited for before deletes are forgotten without it, in milliseconds (S4). */
  readonly evictAfterMs: number;
  /** Deletes that are remembered at most; beyond, failed nodes are no longer waited for (S4). */
  readonly deletesMax: number;
  /** Siblings of one key; beyond, the oldest give way (S3). */
  readonly siblingsMax: number;
  /** Ranges of dots beyond a gap, per origin; beyond, new dots wait for the repair. */
  readonly gapsMax: number;
  /** Replicas that are remembered as forgotten. */
  readonly fencedMax: number;
  /** How much further than this node's wall clock a hybrid time may pull the own one ahead, in milliseconds. */
  readonly skewMaxMs: number;
  /** Keys that a report or a dry run lists (P3, P4). */
  readonly reportKeysMax: number;
  /** Partitions that are remembered with their reports. */
  readonly partitionsMax: number;
  /** Writes of a node that sees no quorum: taken, or rejected with `CLUSTER_MINORITY` (P2). */
  readonly minority: 'available' | 'read-only';
  /** How sides find together, until told otherwise (P3, P4). */
  readonly recovery: 'automatic' | 'manual';
}

export const STORE_DEFAULTS: StoreOptions = {
  keyBytesMax: 512,
  valueBytesMax: 1024 * 1024,
  writeTimeoutMs: 5_000,
  writesMax: 65_536,
  clockIntervalMs: 500,
  patienceMs: 100,
  pullTimeoutMs: 3_000,
  joinTimeoutMs: 5_000,
  batchEntriesMax: 1_024,
  batchBytesMax: 128 * 1024,
  logMax: 1_000_000,
  evictAfterMs: 24 * 3_600_000,
  deletesMax: 1_000_000,
  siblingsMax: 64,
  gapsMax: 1_024,
  fencedMax: 4_096,
  skewMaxMs: 5 * 60_000,
  reportKeysMax: 1_000,
  partitionsMax: 64,
  minority: 'available',
  recovery: 'automatic',
};
