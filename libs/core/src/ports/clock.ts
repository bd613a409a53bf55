/**
 * The one place where the product reads its clocks (T2).
 */
import type { Instant } from '@nest-cluster/protocol';

// `performance.now()` counts from another origin in every thread, `hrtime` from one origin per machine; both read the same
// clock, so their difference is fixed and needs to be taken once only.
const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds of the machine's monotonic clock, the same in every thread and process of one machine. */
export function monotonicMs(): number {
  return performance.now() + origin;
}

/** Wall clock in milliseconds since 1970. May jump. */
export function wallMs(): number {
  return Date.now();
}

export function readClocks(): Instant {
  return { mono: monotonicMs(), wall: wallMs() };
}
