/**
 * How many nodes others count (L5): heard when they turn a request down, so that the next one asks for enough votes. Forgotten
 * soon, and with the one that told it; never passed on, or a false one would go round for ever (W7).
 */
import type { Incarnation } from '../node.js';

const TOLD_MS = 10_000;

export class ToldCounts {
  private readonly told = new Map<Incarnation, { readonly nodes: number; readonly until: number }>();

  tell(by: Incarnation, nodes: number, now: number): void {
    this.told.set(by, { nodes, until: now + TOLD_MS });
  }

  forget(by: Incarnation): void {
    this.told.delete(by);
  }

  expire(now: number): void {
    for (const [by, { until }] of this.told) if (until <= now) this.told.delete(by);
  }

  largest(): number {
    let largest = 0;
    for (const { nodes } of this.told.values()) largest = Math.max(largest, nodes);
    return largest;
  }

  nextDeadline(): number {
    let next = Infinity;
    for (const { until } of this.told.values()) next = Math.min(next, until);
    return next;
  }
}
