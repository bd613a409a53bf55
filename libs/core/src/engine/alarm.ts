/**
 * The engine's one timer.
 *
 * T3: a timer that fires late says that this thread was paused. What peers said meanwhile still waits in the sockets, and
 * is read before anything is judged: the alarm lets one round of the event loop's poll phase pass first.
 */
import { monotonicMs } from '../ports/clock.js';

/** Firing later than this counts as a pause, in milliseconds. */
const LATE_MS = 50;
/** Longest wait, so that neither a distant nor a damaged deadline silences the engine, in milliseconds. */
const WAIT_MAX_MS = 1_000;

export class Alarm {
  private timer: NodeJS.Timeout | undefined;
  private deferred: NodeJS.Immediate | undefined;
  private due = Infinity;

  constructor(private readonly ring: () => void) {}

  /** Rings at `deadline` of `monotonicMs()`, or earlier: whoever is rung looks at the clock. */
  set(deadline: number): void {
    if (this.deferred !== undefined || (this.timer !== undefined && this.due <= deadline)) return;
    clearTimeout(this.timer);
    const now = monotonicMs();
    // Just what was asked for, so that the same deadline again is known for the same.
    this.due = Math.min(Math.max(deadline, now), now + WAIT_MAX_MS);
    this.timer = setTimeout(this.fire, Math.ceil(this.due - now));
  }

  clear(): void {
    clearTimeout(this.timer);
    clearImmediate(this.deferred);
    this.timer = undefined;
    this.deferred = undefined;
    this.due = Infinity;
  }

  private readonly fire = (): void => {
    const late = monotonicMs() - this.due > LATE_MS;
    this.clear();
    if (!late) return this.ring();
    this.deferred = setImmediate(() => {
      this.deferred = undefined;
      this.ring();
    });
  };
}
