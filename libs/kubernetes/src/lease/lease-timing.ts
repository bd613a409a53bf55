/**
 * The times of a lease, all of which follow from its length.
 */
import { CLOCK_DRIFT } from '@nest-cluster/core';

export interface LeaseTiming {
  /** How long others wait after the last change that they saw, in milliseconds. Whole seconds, as the API wants it. */
  readonly leaseMs: number;
  /** How long the holder leads after a renewal *left*, in milliseconds: shorter, so that clocks may part (L1). */
  readonly deadlineMs: number;
  readonly renewMs: number;
  /** How often a node that does not lead reads the lease although it watches it, in milliseconds. */
  readonly pollMs: number;
  readonly requestTimeoutMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** The longest wait that the server may ask for, in milliseconds: a leader has time for another try within its lease. */
  readonly retryAfterMaxMs: number;
  /** Candidates spread their attempts over this time, in milliseconds. */
  readonly spreadMs: number;
  /** How much later a candidate tries for each node of a higher priority, in milliseconds: longer than a request takes. */
  readonly rankMs: number;
  /** How long a node that stepped down leaves the lease to others, in milliseconds. */
  readonly holdOffMs: number;
}

/** The shortest lease, so that a renewal that fails can be tried again in time. */
export const LEASE_SECONDS_MIN = 2;

export function leaseTiming(leaseSeconds: number): LeaseTiming {
  const leaseMs = leaseSeconds * 1000;
  const renewMs = Math.round(leaseMs / 5);
  return {
    leaseMs,
    deadlineMs: Math.floor((leaseMs * (1 - CLOCK_DRIFT)) / (1 + CLOCK_DRIFT)),
    renewMs,
    pollMs: Math.round(leaseMs / 2),
    requestTimeoutMs: Math.round(leaseMs / 4),
    retryMinMs: Math.min(200, renewMs / 4),
    retryMaxMs: Math.min(renewMs / 2, 5_000),
    retryAfterMaxMs: Math.round(leaseMs / 2),
    spreadMs: Math.min(100, renewMs / 4),
    rankMs: 250,
    holdOffMs: Math.max(1_000, renewMs),
  };
}

/** How long to pause after a request failed, and `failures` before it: longer each time, and as long as the server asks for. */
export function pauseMs(
  { retryMinMs, retryMaxMs, retryAfterMaxMs }: LeaseTiming,
  failures: number,
  askedMs: number | undefined,
  random: () => number,
): number {
  const backoff = Math.min(retryMinMs * 2 ** Math.min(failures, 16), retryMaxMs);
  return Math.max(Math.min(askedMs ?? 0, retryAfterMaxMs), backoff * (0.5 + random() / 2));
}
