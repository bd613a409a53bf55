/**
 * The clocks of one candidate as they come to be in the field: fast or slow, set wrong, halted with their process, or asleep
 * with their machine, in which case the monotonic one stands still.
 */
import type { Instant } from '@nest-cluster/core';

export class HaltingClock {
  /** How far the wall clock is off, in milliseconds. */
  wallOffset: number;
  private readonly monoOrigin: number;
  private isPaused = false;
  /** True time that the monotonic clock did not count. */
  private sleptMs = 0;
  private asleepSince: number | undefined;

  constructor(
    /** Of the monotonic clock, against true time. */
    readonly rate: number,
    now: number,
    random: () => number,
    wallSpreadMs: number,
  ) {
    this.monoOrigin = 2e9 + random() * 1e9 - now;
    this.wallOffset = (random() - 0.5) * wallSpreadMs;
  }

  get isAsleep(): boolean {
    return this.asleepSince !== undefined;
  }

  /** Nothing runs. */
  get isHalted(): boolean {
    return this.isPaused || this.isAsleep;
  }

  pause(): void {
    this.isPaused = true;
  }

  suspend(now: number): void {
    this.asleepSince ??= now;
  }

  resume(now: number): void {
    if (this.asleepSince !== undefined) this.sleptMs += now - this.asleepSince;
    this.asleepSince = undefined;
    this.isPaused = false;
  }

  /** @param now true time in milliseconds */
  read(now: number): Instant {
    const slept = this.sleptMs + (this.asleepSince === undefined ? 0 : now - this.asleepSince);
    return {
      mono: (now - slept) * this.rate + this.monoOrigin,
      wall: 1.7e12 + now + this.wallOffset,
    };
  }
}
