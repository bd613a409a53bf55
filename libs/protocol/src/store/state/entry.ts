/**
 * The state of one key: its siblings, each with the dot of the write that made it. A deleted key has no siblings and no
 * entry. Almost every key has one sibling, so that case is flat: no array, no nested object (S3, S4).
 */
import type { Incarnation, NodeName } from '../../node.js';

/**
 * A value as the driver stores it; the protocol only asks for its size. A `Uint8Array` is one, and so is an object that
 * holds the bytes beside the decoded value.
 */
export interface StoredValue {
  readonly byteLength: number;
  /** Without it, no two values are equal. */
  equals?(other: StoredValue): boolean;
}

/** A writer of dots: one life of a process, and within it one copy of the store. A `keep` makes a new generation (P4). */
export interface Replica {
  readonly name: NodeName;
  readonly incarnation: Incarnation;
  readonly generation: number;
}

/** One write that no other known write has seen. */
export interface Sibling {
  /** Index of the writer in this node's table of origins. */
  readonly origin: number;
  readonly counter: number;
  readonly value: StoredValue;
  /** Hybrid time of the write. Orders siblings, and decides nothing else. */
  readonly time: number;
  /** Wall clock in milliseconds from which it is gone; 0 = never (S5). */
  readonly expiresAt: number;
}

/** What a reader sees. */
export interface EntryView {
  readonly value: StoredValue;
  /** Hybrid time of the visible write, or of the latest of several siblings. */
  readonly time: number;
  /** Wall clock in milliseconds from which the value must no longer be shown; 0 = never (S5). */
  readonly expiresAt: number;
}

/** The fields of a sibling are those of the only one, or of the latest of several. */
export interface Entry extends Sibling {
  /** All siblings, latest first, when there are several; `value` is then the resolver's outcome. */
  readonly siblings: readonly Sibling[] | undefined;
}

export function siblingsOf(entry: Entry | undefined): readonly Sibling[] {
  if (entry === undefined) return [];
  if (entry.siblings !== undefined) return entry.siblings;
  const { origin, counter, value, time, expiresAt } = entry;
  return [{ origin, counter, value, time, expiresAt }];
}

export function replicaId(replica: Replica): string {
  return `${replica.incarnation}.${replica.generation}`;
}

/** Orders replicas alike on all nodes. */
export function compareReplicas(one: Replica, other: Replica): number {
  if (one.incarnation !== other.incarnation) return one.incarnation < other.incarnation ? -1 : 1;
  return one.generation - other.generation;
}
