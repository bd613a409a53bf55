/**
 * Ballots: unique per attempt, ordered by counter first, so that a proposer that was turned down can go above (L4).
 */
import { isPlausible } from '../instant.js';
import type { Ballot, LeadershipMessage, Roll } from '../message.js';

export function isHigher(a: Ballot, b: Ballot): boolean {
  return a.counter !== b.counter ? a.counter > b.counter : a.proposer > b.proposer;
}

export function isSame(a: Ballot, b: Ballot): boolean {
  return a.counter === b.counter && a.proposer === b.proposer;
}

/** A cluster never has this many nodes (W5). */
const NODES_MAX = 2 ** 16;

/** It holds a number that nobody can have reached (W7). */
export function isMadeUp(message: LeadershipMessage, wall: number): boolean {
  if (message.type === 'silence') return message.heard.nodes > NODES_MAX;
  if ('roll' in message && message.roll && isMadeUpRoll(message.roll, wall)) return true;
  return !numbersOf(message).every((count) => isPlausible(count, wall));
}

function numbersOf(message: Exclude<LeadershipMessage, { readonly type: 'silence' }>): number[] {
  switch (message.type) {
    case 'leading':
    case 'resigned':
      return [message.token];
    case 'accept':
      return [message.ballot.counter, message.token];
    case 'promise':
      return [message.ballot.counter, message.tokenMax];
    case 'reject':
      return [message.ballot.counter, message.promised, message.tokenMax];
    default:
      return [message.ballot.counter];
  }
}

function isMadeUpRoll({ term, step, nodes }: Roll, wall: number): boolean {
  return !isPlausible(term, wall) || !isPlausible(step, wall) || nodes > NODES_MAX;
}
