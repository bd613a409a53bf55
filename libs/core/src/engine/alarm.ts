/**
 * The engine's one timer.
 *
 * T3: a timer that fires late says that this thread was paused. What peers said meanwhile still waits in the sockets, and
 * is read before anything is judged: the alarm lets one round of the event loop's poll phase pass first.
 */
import { NODE_SURROUNDINGS, type Cancel, type Surroundings } from '../ports/surroundings.js';

/** Firing later than this counts as a pause, in milliseconds. */
const LATE_MS = 50;
/** Longest wait, so that neither a distant nor a damaged deadline silences the engine, in milliseconds. */
const WAIT_MAX_MS = 1_000;

export class Alarm {
  private timer: Cancel | undefined;
  private deferred: Cancel | undefined;
  private due = Infinity;

  constructor(
    private readonly ring: () => void,
    private readonly around: Surroundings = NODE_SURROUNDINGS,
  ) {}

  /** Rings at `deadline` of the monotonic clock, or earlier: whoever is rung looks at the clock. */
  set(deadline: number): void {
    if (this.deferred !== undefined || (this.timer !== undefined && this.due <= deadline)) return;
    this.timer?.();
    const now = this.around.mono();
    // Just what was asked for, so that the same deadline again is known for the same.
    this.due = Math.min(Math.max(deadline, now), now + WAIT_MAX_MS);
    this.timer = this.around.after(Math.ceil(this.due - now), this.fire);
  }

  clear(): void {
    this.timer?.();
    this.deferred?.();
    this.timer = undefined;
    this.deferred = undefined;
    this.due = Infinity;
  }

  private readonly fire = (): void => {
    const late = this.around.mono() - this.due > LATE_MS;
    this.clear();
    if (!late) return this.ring();
    this.deferred = this.around.soon(() => {
      this.deferred = undefined;
      this.ring();
    });
  };
}
