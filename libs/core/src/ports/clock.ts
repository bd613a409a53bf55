/**
 * The one place where the product reads its clocks (T2).
 */
import type { Instant } from '@nest-cluster/protocol';

const NANOS_PER_MS = 1e6;

/**
 * Milliseconds of the machine's monotonic clock, the same in every thread and process of one machine: one thread grants
 * the lease by it and another asks. `performance.now()` counts from another origin in each thread, and a thread that is
 * halted while it measures the difference would be as late with every reading from then on, and believe in its lease for
 * that much longer (L1).
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / NANOS_PER_MS;
}

/** Wall clock in milliseconds since 1970. May jump. */
export function wallMs(): number {
  return Date.now();
}

export function readClocks(): Instant {
  return { mono: monotonicMs(), wall: wallMs() };
}
