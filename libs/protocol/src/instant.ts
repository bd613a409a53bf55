/**
 * Time as the protocol sees it: a reading handed in with every input (T2). Nothing here reads a clock.
 */

/** One reading of both clocks, taken when an input is handled. */
export interface Instant {
  /** Monotonic clock in milliseconds. Its origin means nothing; it stands still while the machine is suspended. */
  readonly mono: number;
  /** Wall clock in milliseconds since 1970. May jump. */
  readonly wall: number;
}

/** How far the two clocks may part between two readings before the node takes it for a suspend (T2). */
export const CLOCK_JUMP_MS = 1_000;

/** True when the wall clock and the monotonic clock moved so differently that time was lost in between (T2). */
export function isClockJump(before: Instant, now: Instant): boolean {
  return Math.abs(now.wall - before.wall - (now.mono - before.mono)) > CLOCK_JUMP_MS;
}

const CENTURY_MS = 100 * 365.25 * 86_400_000;

/**
 * Whether a counter that a peer tells can be true (W7). Tokens begin at the wall clock's milliseconds, and other counters at
 * 0; none grows faster than by one in a millisecond. The bound moves with the clock, so that one who was pushed up to it may
 * soon go above it. A century of room is for clocks that are wrong.
 */
export function isPlausible(count: number, wall: number): boolean {
  return count >= 0 && count <= wall + CENTURY_MS;
}

/** The same for counters that may grow by a thousand in a millisecond. */
export function plausibleMax(wall: number): number {
  return (wall + CENTURY_MS) * 1_000;
}

/** How fast or slow a monotonic clock may run against true time; leases are stretched by it (L1). */
export const CLOCK_DRIFT = 0.01;

/** The time that an acceptor must wait so that `ms` have surely passed on any other node's clock (L1, L4). */
export function outlasting(ms: number): number {
  return Math.ceil((ms * (1 + CLOCK_DRIFT)) / (1 - CLOCK_DRIFT));
}
