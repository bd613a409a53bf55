/**
 * A machine: its clocks, its kernel, its address. The monotonic clock runs at a rate of its own, up to 1 % off, and
 * stands still while the machine is suspended; the wall clock has an offset and may jump (T2, L1).
 */
import type { Instant } from '@nest-cluster/protocol';
import type { Agenda } from './agenda.js';

/** Wall clock of true time at the start of every run: a fixed moment, so that runs replay. */
const EPOCH = 1_750_000_000_000;

export class Host {
  /** Neither sends nor receives nor answers: power or network is gone. */
  lost = false;
  suspended = false;
  /** Milliseconds by which the wall clock is ahead of true time. */
  wallOffset: number;
  private rate: number;
  private trueBase = 0;
  private monoBase: number;

  constructor(
    readonly index: number,
    readonly name: string,
    private readonly agenda: Agenda,
    clock: { readonly rate: number; readonly monoOrigin: number; readonly wallOffset: number },
  ) {
    this.rate = clock.rate;
    this.monoBase = clock.monoOrigin;
    this.wallOffset = clock.wallOffset;
  }

  get dark(): boolean {
    return this.lost || this.suspended;
  }

  mono(): number {
    return this.suspended ? this.monoBase : this.monoBase + (this.agenda.now - this.trueBase) * this.rate;
  }

  wall(): number {
    return Math.floor(EPOCH + this.agenda.now + this.wallOffset);
  }

  read(): Instant {
    return { mono: this.mono(), wall: this.wall() };
  }

  /** True time at which the monotonic clock will show `mono`, if nothing happens to the clock. */
  trueTimeOf(mono: number): number {
    return this.trueBase + (mono - this.monoBase) / this.rate;
  }

  setRate(rate: number): void {
    this.rebase();
    this.rate = rate;
  }

  suspend(): void {
    this.rebase();
    this.suspended = true;
  }

  resume(): void {
    this.trueBase = this.agenda.now;
    this.suspended = false;
  }

  private rebase(): void {
    this.monoBase = this.mono();
    this.trueBase = this.agenda.now;
  }
}
