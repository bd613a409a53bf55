/**
 * What goes into the election's machine, and what comes out of it.
 */
import type { LeaderView, LossReason } from '@nest-cluster/core';
import type { LeaseChange, LeaseRecord } from './lease-record.js';

export type LeaseInput =
  | { readonly type: 'tick' }
  /** The Lease as the server has it now; the answer to `read`. */
  | { readonly type: 'read'; readonly lease: LeaseRecord | null }
  /** The Lease as a watch told it, which may be late. */
  | { readonly type: 'noticed'; readonly lease: LeaseRecord | null }
  /** The answer to `write`. */
  | { readonly type: 'written'; readonly lease: LeaseRecord }
  /** The answer to `write`: the Lease was not as expected. */
  | { readonly type: 'conflict' }
  /** No answer to `read` or `write` that says what is. A write may have happened all the same. */
  | { readonly type: 'failed'; readonly retryAfterMs?: number }
  | { readonly type: 'stepDown' }
  | { readonly type: 'workEnded'; readonly token: number }
  | { readonly type: 'stop' };

/** What comes of a request. */
export type LeaseAnswer = Extract<LeaseInput, { type: 'read' | 'written' | 'conflict' | 'failed' }>;

export type LeaseEffect =
  | { readonly type: 'read' }
  | { readonly type: 'write'; readonly change: LeaseChange }
  /** Until when this node leads; `until` is 0 when it does not. */
  | { readonly type: 'grant'; readonly grant: Grant }
  | { readonly type: 'acquired'; readonly token: number }
  | { readonly type: 'lost'; readonly token: number; readonly reason: LossReason }
  | { readonly type: 'leader'; readonly leader: LeaderView | null }
  /** Whether the token can be raised no more, so that nobody leads after this term. */
  | { readonly type: 'stuck'; readonly isStuck: boolean }
  | { readonly type: 'stopped' };

export interface Grant {
  readonly token: number;
  /** Monotonic and wall time in milliseconds; both must lie ahead, since the one stands still in a suspend. */
  readonly until: number;
  readonly wallUntil: number;
}

export const NO_GRANT: Grant = { token: 0, until: 0, wallUntil: 0 };
