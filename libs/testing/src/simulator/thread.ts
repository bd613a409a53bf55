/**
 * One thread of a process in virtual time: its clocks and timers, and what its sockets bring. While it is halted no timer
 * fires and nothing is handled; everything waits (T2, T3).
 */
import type { Cancel, Surroundings } from '@nest-cluster/core';
import type { Instant, Random } from '@nest-cluster/protocol';
import type { Agenda, Job } from './agenda.js';
import type { Host } from './host.js';

const TIMER_MIN_MS = 1;
/** A timer fires up to a millisecond late, and sometimes much later. */
const SLOW_TIMERS = 0.01;
const SLOW_TIMER_MS = 30;
/** How often a thread that goes on looks at its timers before it looks at its sockets. */
const TIMERS_FIRST = 0.3;

interface Timer {
  /** On the monotonic clock, which may stand still meanwhile. */
  readonly due: number;
  readonly act: () => void;
  isOff: boolean;
}

export class Thread implements Surroundings {
  private isOver = false;
  private readonly inbox: Job[] = [];
  private readonly late: Timer[] = [];

  constructor(
    private readonly host: Host,
    private readonly agenda: Agenda,
    readonly random: Random,
    private readonly isHalted: () => boolean,
  ) {}

  get halted(): boolean {
    return this.isHalted();
  }

  /** Nothing waits to be handled. */
  get isIdle(): boolean {
    return this.inbox.length === 0;
  }

  readonly mono = (): number => this.host.mono();

  readonly clocks = (): Instant => this.host.read();

  readonly after = (ms: number, act: () => void): Cancel => {
    const timer = { due: this.host.mono() + Math.max(ms, TIMER_MIN_MS), act, isOff: false };
    this.arm(timer);
    return () => {
      timer.isOff = true;
    };
  };

  readonly every = (ms: number, act: () => void): Cancel => {
    const again = (): void => {
      cancel = this.after(ms, again);
      act();
    };
    let cancel = this.after(ms, again);
    return () => cancel();
  };

  readonly soon = (act: () => void): Cancel => {
    let isOff = false;
    this.agenda.at(this.agenda.now, () => {
      if (!isOff) this.deliver(act);
    });
    return () => {
      isOff = true;
    };
  };

  readonly turnEnd = (act: () => void): void => {
    this.agenda.at(this.agenda.now, () => this.deliver(act));
  };

  /** Handled at once, or in its turn. */
  deliver(job: Job): void {
    if (this.isOver) return;
    if (this.halted || this.inbox.length > 0) this.inbox.push(job);
    else job();
  }

  /** It may be halted no longer. */
  goOn(): void {
    if (this.halted || this.isOver) return;
    const isTimersFirst = this.random() < TIMERS_FIRST;
    if (isTimersFirst) this.fireLate();
    while (!this.halted && this.inbox.length > 0) this.inbox.shift()?.();
    if (!isTimersFirst) this.fireLate();
  }

  end(): void {
    this.isOver = true;
    this.inbox.length = 0;
    this.late.length = 0;
  }

  private arm(timer: Timer): void {
    const { random } = this;
    const lateMs = random() * (random() < SLOW_TIMERS ? SLOW_TIMER_MS : 1);
    this.agenda.at(this.host.trueTimeOf(timer.due) + lateMs, () => this.fire(timer));
  }

  private fire(timer: Timer): void {
    if (timer.isOff || this.isOver) return;
    if (this.halted) this.late.push(timer);
    else if (this.host.mono() < timer.due) this.arm(timer);
    else timer.act();
  }

  private fireLate(): void {
    for (const timer of this.late.splice(0)) this.fire(timer);
  }
}
