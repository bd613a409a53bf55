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
  /** How often a node tells the others what it knows, in milliseconds. Shorter repairs sooner (S2, S8). */
  readonly clockIntervalMs: number;
  /** How long a write may be on its way from its writer before it is fetched from another node, in milliseconds. */
  readonly patienceMs: number;
  /** How long a transfer may stand still before it is tried with another node, in milliseconds. */
  readonly pullTimeoutMs: number;
  /**
   * How long a joining node waits for members that are up and cannot be reached, in milliseconds; and how long half a copy
   * waits for its source when the cluster has neither `size` nor named voters (S7).
   */
  readonly joinTimeoutMs: number;
  /** Writes in one message. */
  readonly batchEntriesMax: number;
  /** Bytes of keys and values in one message, unless a single entry is larger. Smaller pauses shorter (S7). */
  readonly batchBytesMax: number;
  /** Recent changes whose key is remembered for repair, of all writers together; older ones are found by digests (S8). */
  readonly logMax: number;
  /** Changes that a peer may lack and still be repaired from the log; a longer gap is found by digests (S7, S8). */
  readonly recentMax: number;
  /** Siblings of one key; beyond, the node writes what they resolve to (S3). */
  readonly siblingsMax: number;
  /** Writes of one peer that wait for writes that they depend on; beyond, they are fetched by a transfer. */
  readonly inboxMax: number;
  /** Choices for partitions that are remembered, so that nodes that were away hear of them (P4). */
  readonly decreesMax: number;
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
  logMax: 100_000,
  recentMax: 8_192,
  siblingsMax: 64,
  inboxMax: 65_536,
  decreesMax: 64,
  skewMaxMs: 5 * 60_000,
  reportKeysMax: 1_000,
  partitionsMax: 64,
  minority: 'available',
  recovery: 'automatic',
};
