/**
 * What was turned away, counted by reason, and told at most once per reason and second, so that a flood of hostile bytes
 * is neither silent nor loud (W5).
 */
import type { RejectReason } from '../ports/transport.js';

const NOTICE_MS = 1_000;

export interface Rejection {
  readonly reason: RejectReason;
  /** What the latest one was about. */
  readonly detail: string;
  /** How many since the last notice. */
  readonly count: number;
}

interface Tally {
  total: number;
  untold: number;
  detail: string;
  quietUntil: number;
}

export class Rejections {
  private readonly tallies = new Map<RejectReason, Tally>();

  add(reason: RejectReason, detail: string): void {
    const tally = this.tallies.get(reason) ?? { total: 0, untold: 0, detail, quietUntil: -Infinity };
    tally.total++;
    tally.untold++;
    tally.detail = detail;
    this.tallies.set(reason, tally);
  }

  /** When the next notice is due; Infinity when nothing waits. */
  nextDeadline(): number {
    let earliest = Infinity;
    for (const tally of this.tallies.values()) {
      if (tally.untold > 0) earliest = Math.min(earliest, tally.quietUntil);
    }
    return earliest;
  }

  /** The notices that are due. */
  take(now: number): Rejection[] {
    const due: Rejection[] = [];
    for (const [reason, tally] of this.tallies) {
      if (tally.untold === 0 || now < tally.quietUntil) continue;
      due.push({ reason, detail: tally.detail, count: tally.untold });
      tally.untold = 0;
      tally.quietUntil = now + NOTICE_MS;
    }
    return due;
  }

  totals(): Partial<Record<RejectReason, number>> {
    const totals: Partial<Record<RejectReason, number>> = {};
    for (const [reason, { total }] of this.tallies) totals[reason] = total;
    return totals;
  }
}
