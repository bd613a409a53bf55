/**
 * How long the application's main thread has made no progress (L8, M4).
 *
 * From a worker thread the main thread is judged by its beats. A worker that was paused itself saw no beats for that
 * reason alone, so that only time in which it was awake counts. An engine on the main thread knows of a pause only
 * afterwards, by how late its own check comes.
 */
import type { LeaseCell } from './lease-cell.js';

/** How often the main thread beats and the engine looks, in milliseconds. */
export const BEAT_MS = 200;
/** A look may be late by this before it counts as a pause of its own thread, in milliseconds. */
const PAUSE_MS = 40;
/** A lag is told when it crosses a multiple of this, in milliseconds, and when it ends. */
export const LAG_STEP_MS = 250;

export class LagWatch {
  private lag = 0;
  private told = 0;
  private beats = 0;
  private lookedAt = Infinity;

  /** Without a cell to read beats from, the engine runs on the main thread. */
  constructor(private readonly cell?: LeaseCell) {}

  begin(now: number): void {
    this.lookedAt = now;
  }

  nextDeadline(): number {
    return this.lookedAt + BEAT_MS;
  }

  /** The lag to tell the machine, in milliseconds, or nothing when it is as it was told last. */
  look(now: number): number | undefined {
    const late = now - this.nextDeadline();
    if (late < 0) return undefined;
    this.lag = this.cell === undefined ? late : this.sinceBeat(this.cell, now - this.lookedAt);
    this.lookedAt = now;
    const crossed = Math.floor(this.lag / LAG_STEP_MS);
    if (crossed === this.told) return undefined;
    this.told = crossed;
    return crossed === 0 ? 0 : Math.round(this.lag);
  }

  lagMs(): number {
    return this.lag;
  }

  /** A look that comes much later than a beat comes after a pause of this thread, which is not the main thread's fault. */
  private sinceBeat(cell: LeaseCell, elapsedMs: number): number {
    const beats = cell.beaten();
    const silent = beats === this.beats;
    this.beats = beats;
    return silent ? this.lag + Math.min(elapsedMs, BEAT_MS + PAUSE_MS) : 0;
  }
}
