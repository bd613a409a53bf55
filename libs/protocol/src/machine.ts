/**
 * The shape of every state machine here: an input and a reading of the clocks go in, effects come out (T2). The machine
 * performs nothing; whoever drives it carries the effects out in order, and steps it again no later than `nextDeadline()`.
 */
import type { NodeEvent } from './event.js';
import type { Instant } from './instant.js';
import type { Message } from './message.js';
import type { Address, Incarnation, NodeInfo } from './node.js';

export type Input =
  | { readonly type: 'start' }
  /** Contact points that discovery found (D1). */
  | { readonly type: 'contacts'; readonly addresses: readonly Address[] }
  /** A handshake with this peer is complete; a second link to the same incarnation is reported once only. */
  | { readonly type: 'linkOpened'; readonly peer: NodeInfo }
  | { readonly type: 'linkClosed'; readonly incarnation: Incarnation }
  /** `refused`: the kernel at that address answered that nobody listens. Otherwise nothing came back, or a handshake failed. */
  | { readonly type: 'dialFailed'; readonly address: Address; readonly refused: boolean }
  | { readonly type: 'message'; readonly from: Incarnation; readonly message: Message }
  /** How long the application's main thread has made no progress, in milliseconds (L8, M4). */
  | { readonly type: 'mainThread'; readonly lagMs: number }
  | { readonly type: 'stepDown' }
  /** No leader work of this term runs any more, so that its lease may be given back (L4). */
  | { readonly type: 'workEnded'; readonly token: number }
  | { readonly type: 'leave' }
  | { readonly type: 'tick' };

/**
 * Until when this node leads (L2). Both clocks must agree that there is time left: the monotonic one stands still while
 * the machine is suspended, the wall clock may be set back, and neither alone would notice.
 */
export interface Lease {
  /** Monotonic time in milliseconds; 0 ends the lease at once. */
  readonly until: number;
  /** Wall time in milliseconds. */
  readonly wallUntil: number;
  /** Fencing token of the term; 0 when there is none. */
  readonly token: number;
}

export const NO_LEASE: Lease = { until: 0, wallUntil: 0, token: 0 };

/** The comparison behind `isLeader()`, made at the call and nowhere else (L2). */
export function isHeld(lease: Lease, now: Instant): boolean {
  return now.mono < lease.until && now.wall < lease.wallUntil;
}

export type Effect =
  | { readonly type: 'send'; readonly to: Incarnation; readonly message: Message }
  /** Answered by `linkOpened` or `dialFailed`. */
  | { readonly type: 'dial'; readonly address: Address }
  /** Drop the link to this incarnation, after what was sent on it has been flushed. */
  | { readonly type: 'hangUp'; readonly incarnation: Incarnation }
  /** The link seems to carry nothing: a dial that succeeds replaces it. */
  | { readonly type: 'redial'; readonly incarnation: Incarnation; readonly address: Address }
  | { readonly type: 'lease'; readonly lease: Lease }
  /** A probe of this member was answered after that long; for metrics only. */
  | { readonly type: 'probed'; readonly incarnation: Incarnation; readonly roundTripMs: number }
  | { readonly type: 'event'; readonly event: NodeEvent };

export interface Machine {
  step(input: Input, now: Instant): Effect[];
  /** Monotonic time, in milliseconds, by which `step` must be called again. */
  nextDeadline(): number;
}
