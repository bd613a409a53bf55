/**
 * The one merge rule of the store (observed-remove map without tombstones: Bieniusa et al. 2012; causal contexts: Almeida,
 * Shoker, Baquero 2018). Both sides bring their siblings of a key and their context, the dots that they know. A sibling
 * stays when both have it, or when the other side does not know its dot. A dot that is known and has no sibling was
 * replaced or deleted.
 *
 *   (mine ∩ theirs) ∪ { m ∈ mine : m ∉ their context } ∪ { t ∈ theirs : t ∉ my context }
 *
 * The result does not depend on the order of merges, nor on how often they are repeated.
 */
import type { Sibling } from './entry.js';
import type { Origins } from './origins.js';
import { sameDot, type Context } from './version-vector.js';

export interface Merged {
  /** Latest first. */
  readonly siblings: readonly Sibling[];
  /** Siblings of theirs that are new here. */
  readonly added: readonly Sibling[];
  /** Siblings of mine that they have replaced or deleted. */
  readonly removed: readonly Sibling[];
}

export function merge(
  mine: readonly Sibling[],
  myContext: Context,
  theirs: readonly Sibling[],
  theirContext: Context,
  origins: Origins,
): Merged {
  const isIn = (list: readonly Sibling[], wanted: Sibling): boolean =>
    list.some((sibling) => sameDot(sibling, wanted));
  const stays = (one: Sibling): boolean => isIn(theirs, one) || !theirContext.has(one.origin, one.counter);
  const kept = mine.filter(stays);
  const removed = mine.filter((one) => !stays(one));
  const added = theirs.filter((one) => !isIn(mine, one) && !myContext.has(one.origin, one.counter));
  const siblings = added.length === 0 ? kept : [...kept, ...added].sort(latestFirst(origins));
  return { siblings, added, removed };
}

/** The latest by hybrid time first; equal times by writer, so that all nodes order alike. */
export function latestFirst(origins: Origins): (one: Sibling, other: Sibling) => number {
  return (one, other) =>
    other.time - one.time || origins.compare(other.origin, one.origin) || other.counter - one.counter;
}
