/**
 * One vote of the quorum lease (L1, L4), after PaxosLease Revisited (Trencseni 2026): an acceptor binds itself to one
 * holder at a time, for a while, and forgets by its own clock.
 */
import { outlasting } from '../instant.js';
import type { Ballot } from '../message.js';
import { isHigher, isSame } from './ballot.js';

interface Bond {
  readonly ballot: Ballot;
  /** Monotonic time until which this vote is bound. */
  readonly until: number;
}

export type Vote =
  | { readonly granted: true }
  | { readonly granted: false; readonly promised: number; readonly blockedMs: number };

const GRANTED: Vote = { granted: true };

export class Acceptor {
  private promised: Ballot | undefined;
  private bond: Bond | undefined;

  /** Highest fencing token that this acceptor has heard of (L3). */
  tokenMax: number;

  /**
   * @param startedAt wall clock when this life began. As a floor it keeps tokens growing when every voter has
   *   restarted and nobody remembers, for as long as clocks did not go back (L3).
   */
  constructor(startedAt: number) {
    this.tokenMax = startedAt;
  }

  /** A ballot at or below this counter may be turned down. */
  get promisedCounter(): number {
    return this.promised?.counter ?? 0;
  }

  prepare(ballot: Ballot, now: number): Vote {
    const vote = this.judge(ballot, now);
    if (vote.granted) this.promised = ballot;
    return vote;
  }

  accept(ballot: Ballot, token: number, leaseMs: number, now: number): Vote {
    const vote = this.judge(ballot, now);
    if (!vote.granted) return vote;
    this.promised = ballot;
    // Longer than the holder believes, by as much as two clocks may drift apart (L1).
    this.bond = { ballot, until: now + outlasting(leaseMs) };
    this.learnToken(token);
    return vote;
  }

  /** Only the exact lease is given back, so that a late release cannot free a newer one (L4). */
  release(ballot: Ballot): boolean {
    if (!this.bond || !isSame(this.bond.ballot, ballot)) return false;
    this.bond = undefined;
    return true;
  }

  learnToken(token: number): void {
    if (token > this.tokenMax) this.tokenMax = token;
  }

  /** Monotonic time until which this vote is bound to somebody else than `proposer`; 0 when it is free. */
  boundUntil(proposer: string, now: number): number {
    const bond = this.bond;
    // Holders are incarnations: a restarted process is somebody else (L4).
    return bond && bond.until > now && bond.ballot.proposer !== proposer ? bond.until : 0;
  }

  private judge(ballot: Ballot, now: number): Vote {
    const boundUntil = this.boundUntil(ballot.proposer, now);
    // A live lease of another holder stands, however high the ballot (L4).
    if (boundUntil > 0) {
      return {
        granted: false,
        promised: this.promisedCounter,
        blockedMs: Math.ceil(boundUntil - now),
      };
    }
    if (this.promised && isHigher(this.promised, ballot)) {
      return { granted: false, promised: this.promised.counter, blockedMs: 0 };
    }
    return GRANTED;
  }
}
