/**
 * Which voters do not vote yet, as far as this node knows (M7). One that just came counts as silent until it says how it
 * stands, or until its silence must be over.
 */
import { outlasting } from '../instant.js';
import type { Incarnation } from '../node.js';

export class SilentVoters {
  private readonly until = new Map<Incarnation, number>();
  private list: readonly Incarnation[] = [];
  private readonly longestMs: number;

  constructor(leaseMs: number) {
    this.longestMs = outlasting(outlasting(leaseMs));
  }

  get size(): number {
    return this.until.size;
  }

  /** The same array for as long as nothing changes. */
  get current(): readonly Incarnation[] {
    if (this.list.length !== this.until.size || this.list.some((silent) => !this.until.has(silent))) {
      this.list = [...this.until.keys()];
    }
    return this.list;
  }

  came(incarnation: Incarnation, now: number): void {
    this.until.set(incarnation, now + this.longestMs);
  }

  /** It said for how much longer it is silent; 0 when it votes. */
  says(incarnation: Incarnation, leftMs: number, now: number): void {
    if (leftMs > 0) this.until.set(incarnation, now + Math.min(outlasting(leftMs), this.longestMs));
    else this.until.delete(incarnation);
  }

  went(incarnation: Incarnation): void {
    this.until.delete(incarnation);
  }

  expire(now: number): void {
    for (const [incarnation, until] of this.until) if (until <= now) this.until.delete(incarnation);
  }

  nextDeadline(): number {
    let next = Infinity;
    for (const until of this.until.values()) next = Math.min(next, until);
    return next;
  }
}
