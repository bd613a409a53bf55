/**
 * What a replica keeps for one key. Almost every key has been written by one replica at a time and has one sibling, so
 * that case is flat and small: no array, no nested object. The rest is only there while it is needed (S3, S4).
 */
import type { Incarnation, NodeName } from '../node.js';

/**
 * A value as whoever drives the machine stores it; the protocol asks only for its size. A `Uint8Array` is one, and so is an
 * object that holds the bytes beside what it decoded from them.
 */
export interface StoredValue {
  readonly byteLength: number;
  /** Without it, no two values are taken for equal. */
  equals?(other: StoredValue): boolean;
}

/** A writer of dots: one life of a process, counted up whenever it dropped its store and took a full copy (S4). */
export interface Replica {
  readonly name: NodeName;
  readonly incarnation: Incarnation;
  readonly generation: number;
}

/** One write that no other write has seen: what a resolver chooses from (S3). No value: it was a delete. */
export interface Sibling {
  /** Index of the replica that wrote it, in this node's table of origins. */
  readonly origin: number;
  readonly counter: number;
  readonly value: StoredValue | undefined;
  /** Hybrid time of the write. */
  readonly time: number;
  /** Wall clock in milliseconds from which it is gone; 0 for never (S5). */
  readonly expiresAt: number;
}

/** Read by the data plane on every `get`: `value` is what is visible, undefined for a delete. */
export interface EntryView {
  readonly value: StoredValue | undefined;
  /** Hybrid time of the write that is visible, or of the latest of several siblings. */
  readonly time: number;
  /** Wall clock in milliseconds from which the value must no longer be shown; 0 for never (S5). */
  readonly expiresAt: number;
}

/** The state of a key. The fields of a sibling are those of the only one, or of the latest of several. */
export interface Entry extends EntryView {
  value: StoredValue | undefined;
  time: number;
  expiresAt: number;
  origin: number;
  counter: number;
  /** All siblings, latest first, when there are several; `value` is then what the resolver made of them. */
  siblings: readonly Sibling[] | undefined;
  /**
   * What the siblings have replaced: pairs of origin and counter, at most one per origin. A counter stands for every
   * dot of that origin up to it, for this key. Dropped as soon as every replica holds all of it.
   */
  seen: readonly number[] | undefined;
}
