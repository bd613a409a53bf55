/**
 * Who leads. The embedded quorum lease implements this, and so do engines such as a Kubernetes Lease; one conformance
 * suite holds them all. Lives on the application's main thread.
 *
 * Guarantees, as far as `guarantee` says: at most one node's `leadsUntil()` lies in the future (L1); tokens grow strictly
 * over terms (L3); the lease is given back only after `workEnded` (L4).
 */
import type { Guarantee, LeadershipOptions, LossReason } from '@nest-cluster/protocol';

/** What an application may ask of leadership, by the name of its option. */
export type LeadershipOption = 'priority' | keyof LeadershipOptions;

export interface LeaderView {
  readonly name: string;
  readonly incarnation: string;
  /** Fencing token of the term (L3). */
  readonly token: number;
}

export interface LeadershipProvider {
  /** Short, for logs and status: `quorum-lease`, `kubernetes-lease`, … */
  readonly name: string;
  readonly guarantee: Guarantee;
  /**
   * Which of the application's leadership options it holds. Core itself sees to `candidate`, by handing back at once what
   * such a node is granted; the other options that were given and are not named here are reported at start.
   */
  readonly honours?: readonly LeadershipOption[];
  start(self: LeadershipSelf, listener: LeadershipListener): Promise<void>;
  /**
   * Time of `monotonicMs()` until which this node leads; 0 when it does not. Costs a few loads (L2). The monotonic clock
   * stands still while the machine is suspended, so that the wall clock has a say too (T2). With a token: 0 also when the
   * term is another one, which may have begun before this thread has heard of it (L3).
   */
  leadsUntil(token?: number): number;
  /** Token of the term that `leadsUntil` speaks of; 0 when there is none. */
  token(): number;
  leader(): LeaderView | null;
  /** Stop leading at once; the lease is given back after `workEnded`. Does nothing on a node that does not lead. */
  stepDown(): void;
  /** No leader work of this term runs any more. */
  workEnded(token: number): void;
  stop(): Promise<void>;
}

export interface LeadershipSelf {
  readonly cluster: string;
  readonly name: string;
  readonly incarnation: string;
  /** False: this node must not lead; it may follow who does. */
  readonly candidate: boolean;
  /** Higher goes first (L7). */
  readonly priority: number;
  /** How many nodes that are up have a higher priority, `but` not counted: so many should get their chance first (L7). */
  rank(but?: string): number;
}

export interface LeadershipListener {
  acquired(token: number): void;
  lost(token: number, reason: LossReason): void;
  leaderChanged(leader: LeaderView | null): void;
}
