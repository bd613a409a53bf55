/**
 * Sees that time was lost: a machine that slept went on with a monotonic clock that stood still, while the wall clock
 * moved (T2). What was granted before the sleep must not be believed after it.
 */
import { isClockJump, type Instant } from '@nest-cluster/protocol';
import { readClocks } from '../ports/clock.js';

/** How often the clocks are compared, in milliseconds, so that slow drift never adds up to a jump. */
const COMPARE_MS = 1_000;

export class ClockWatch {
  private last: Instant = readClocks();
  private timer: NodeJS.Timeout | undefined;

  /** `jumped` is told on the next comparison, at the latest a second after waking. */
  start(jumped: () => void): void {
    this.last = readClocks();
    this.timer = setInterval(() => {
      if (this.hasJumped()) jumped();
      this.last = readClocks();
    }, COMPARE_MS).unref();
  }

  /** Compares at this very moment, and costs no more than reading both clocks. */
  hasJumped(now: Instant = readClocks()): boolean {
    return isClockJump(this.last, now);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
