/**
 * Watches a lease between its renewals and says when one is overdue, a quarter of the lease before the end, so that work
 * can stop in time (L9); and when it came after all.
 */

/** Part of the lease that is left when work is told to stop. */
const MARGIN = 1 / 4;
/** Shortest and longest wait between two looks, in milliseconds. */
const LOOK_MIN_MS = 10;
const LOOK_MAX_MS = 60_000;

export class RenewalWatch {
  private timer: NodeJS.Timeout | undefined;

  /** `leftMs` tells how long the lease still lasts; `told` hears of each change between overdue and in time. */
  watch(leftMs: () => number, told: (isOverdue: boolean) => void): void {
    this.stop();
    let longest = 0;
    let wasOverdue = false;
    const look = () => {
      const left = leftMs();
      longest = Math.max(longest, left);
      const margin = longest * MARGIN;
      const isOverdue = left <= margin;
      if (isOverdue !== wasOverdue) told(isOverdue);
      wasOverdue = isOverdue;
      const wait = isOverdue ? margin / 2 : left - margin;
      this.timer = setTimeout(look, Math.min(Math.max(wait, LOOK_MIN_MS), LOOK_MAX_MS)).unref();
    };
    look();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
