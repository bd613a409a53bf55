/**
 * Nodes that were counted and are out of sight (L5). One that said goodbye counts until every lease that it voted for is
 * over; one that did not may be alive behind a cut, and counts until the others agree to strike it off.
 */
import type { Incarnation } from '../node.js';

interface Absence {
  readonly since: number;
  /** Monotonic time from which it does not count any more. */
  readonly until: number;
}

export class Absentees {
  private readonly absences = new Map<Incarnation, Absence>();

  get size(): number {
    return this.absences.size;
  }

  has(incarnation: Incarnation): boolean {
    return this.absences.has(incarnation);
  }

  lost(incarnation: Incarnation, now: number): void {
    this.absences.delete(incarnation);
    this.absences.set(incarnation, { since: now, until: Infinity });
  }

  left(incarnation: Incarnation, now: number, untilOver: number): void {
    this.absences.set(incarnation, { since: now, until: untilOver });
  }

  drop(incarnation: Incarnation): void {
    this.absences.delete(incarnation);
  }

  /** Forgets all but this many of those that went last. */
  keepLast(count: number): void {
    for (const incarnation of this.absences.keys()) {
      if (this.absences.size <= count) return;
      this.absences.delete(incarnation);
    }
  }

  expire(now: number): void {
    for (const [incarnation, { until }] of this.absences) {
      if (until <= now) this.absences.delete(incarnation);
    }
  }

  /** One that has been out of sight for this long, and said no goodbye. */
  longLost(ms: number, now: number): Incarnation | undefined {
    for (const [incarnation, { since, until }] of this.absences) {
      if (until === Infinity && now - since >= ms) return incarnation;
    }
    return undefined;
  }

  /** At most `max` of those that said no goodbye. */
  lostOnes(max: number): Incarnation[] {
    const lost = [...this.absences].filter(([, { until }]) => until === Infinity);
    return lost.slice(0, max).map(([incarnation]) => incarnation);
  }

  nextDeadline(): number {
    let next = Infinity;
    for (const { until } of this.absences.values()) next = Math.min(next, until);
    return next;
  }
}
