/**
 * A process that has just started may have voted in an earlier life and forgotten it. It stays silent for one full lease
 * (L4), unless it learns that every voter has just started too: then no lease from before can be alive.
 *
 * A node says `fresh` only while it is silent, and only to incarnations that it knows, so the word cannot reach a later
 * life of the one it was meant for.
 */
import type { Incarnation } from '../node.js';

export const FRESH_INTERVAL_MS = 200;

export class Quarantine {
  private readonly fresh = new Map<Incarnation, string>();
  private released = false;
  private sayAgainAt: number;

  constructor(
    private readonly until: number,
    now: number,
  ) {
    this.sayAgainAt = now;
  }

  isSilent(now: number): boolean {
    return !this.released && now < this.until;
  }

  /** Counts a voter that said `fresh`; its incarnation must still be up when the seats are read. */
  hear(incarnation: Incarnation, seat: string): void {
    if (!this.released) this.fresh.set(incarnation, seat);
  }

  /** The seats of those that said `fresh` and are up, with one's own. */
  seats(own: string, isUp: (incarnation: Incarnation) => boolean): ReadonlySet<string> {
    const seats = new Set([own]);
    for (const [incarnation, seat] of this.fresh) {
      if (isUp(incarnation)) seats.add(seat);
      else this.fresh.delete(incarnation);
    }
    return seats;
  }

  release(): void {
    this.released = true;
    this.fresh.clear();
  }

  isTimeToSay(now: number): boolean {
    if (!this.isSilent(now) || now < this.sayAgainAt) return false;
    this.sayAgainAt = now + FRESH_INTERVAL_MS;
    return true;
  }

  nextDeadline(now: number): number {
    return this.isSilent(now) ? Math.min(this.until, this.sayAgainAt) : Infinity;
  }
}
