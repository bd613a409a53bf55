/**
 * Ballots: unique per attempt, ordered by counter first, so that a proposer that was turned down can go above (L4).
 */
import type { Ballot } from '../message.js';

export function isHigher(a: Ballot, b: Ballot): boolean {
  return a.counter !== b.counter ? a.counter > b.counter : a.proposer > b.proposer;
}

export function isSame(a: Ballot, b: Ballot): boolean {
  return a.counter === b.counter && a.proposer === b.proposer;
}
