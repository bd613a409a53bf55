/**
 * Ballots: unique per attempt, ordered by counter first, so that a proposer that was turned down can go above (L4).
 */
import type { Ballot, LeadershipMessage, Roll } from '../message.js';

/** Nobody asks for the lease this often (W5). */
const COUNTER_MAX = 2 ** 40;

/** Tokens begin at the wall clock's milliseconds, and grow by one per term; this is far from any of them (W5). */
const TOKEN_MAX = 2 ** 52;

export function isHigher(a: Ballot, b: Ballot): boolean {
  return a.counter !== b.counter ? a.counter > b.counter : a.proposer > b.proposer;
}

export function isSame(a: Ballot, b: Ballot): boolean {
  return a.counter === b.counter && a.proposer === b.proposer;
}

/** A cluster never has this many nodes (W5). */
const NODES_MAX = 2 ** 16;

/** It holds a number that nobody can have reached; whoever went above it could soon send nothing any more (W5). */
export function isMadeUp(message: LeadershipMessage): boolean {
  if ('roll' in message && message.roll && isMadeUpRoll(message.roll)) return true;
  switch (message.type) {
    case 'silence':
      return message.heard.nodes > NODES_MAX;
    case 'leading':
    case 'resigned':
      return message.token > TOKEN_MAX;
    case 'accept':
      return message.ballot.counter > COUNTER_MAX || message.token > TOKEN_MAX;
    case 'promise':
      return message.ballot.counter > COUNTER_MAX || message.tokenMax > TOKEN_MAX;
    case 'reject':
      return Math.max(message.ballot.counter, message.promised) > COUNTER_MAX || message.tokenMax > TOKEN_MAX;
    default:
      return message.ballot.counter > COUNTER_MAX;
  }
}

function isMadeUpRoll({ term, step, nodes }: Roll): boolean {
  return term > TOKEN_MAX || step > COUNTER_MAX || nodes > NODES_MAX;
}
