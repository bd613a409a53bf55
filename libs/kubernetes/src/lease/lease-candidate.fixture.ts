/**
 * One candidate of the simulated election: its machine, its clocks, and whether it answers that it leads.
 */
import type { Instant } from '@nest-cluster/core';
import type { LeaseMachine } from './lease-machine.js';
import { NO_GRANT, type Grant, type LeaseInput } from './lease-step.js';

export class Candidate {
  /** What arrives while it is paused or asleep. */
  readonly inbox: LeaseInput[] = [];
  grant: Grant = NO_GRANT;
  isCut = false;
  isAlive = true;
  timer = 0;
  private isPaused = false;
  /** True time lost to suspends, in which the monotonic clock stood still. */
  private sleptMs = 0;
  private asleepSince: number | undefined;

  constructor(
    readonly name: string,
    readonly machine: LeaseMachine,
    /** Of its monotonic clock. */
    readonly rate: number,
    private readonly monoOrigin: number,
    public wallOffset: number,
  ) {}

  get isHalted(): boolean {
    return this.isPaused || this.asleepSince !== undefined;
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

  clocks(now: number): Instant {
    const slept = this.sleptMs + (this.asleepSince === undefined ? 0 : now - this.asleepSince);
    return {
      mono: (now - slept) * this.rate + this.monoOrigin + 2e9,
      wall: 1.7e12 + now + this.wallOffset,
    };
  }

  /** @param trusts the monotonic clock alone, as no candidate should */
  isLeader(now: number, trusts: 'both' | 'mono'): boolean {
    const { grant } = this;
    if (!this.isAlive || this.asleepSince !== undefined || grant === NO_GRANT) return false;
    const { mono, wall } = this.clocks(now);
    return mono < grant.until && (trusts === 'mono' || wall < grant.wallUntil);
  }
}
