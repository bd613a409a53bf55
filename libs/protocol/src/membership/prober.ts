/**
 * Whose turn it is: one member per interval, whatever the size of the cluster (M6). Among the next few in random order it takes
 * the one that was not heard for longest, so that in a small cluster silence is found within a round (M3).
 */
import type { Checks } from './checks.js';
import { choose } from './choose.js';
import type { Ground } from './ground.js';
import type { LocalHealth } from './local-health.js';
import type { MemberRecord } from './member-record.js';

const WINDOW = 16;

/** How many more are looked at when one does not answer: a cut takes more than one. */
const SWEEP = 8;

export class Prober {
  private cursor = 0;

  constructor(
    private readonly ground: Ground,
    private readonly checks: Checks,
    private readonly health: LocalHealth,
  ) {}

  start(): void {
    const { options, random } = this.ground;
    this.setTurn(options.probeIntervalMs * random());
  }

  /** Probes others who have not been heard since then, either. */
  sweep(since: number): void {
    const { table, random } = this.ground;
    const isSilent = (other: MemberRecord) => other.heardAt < since && !this.checks.isRunning(other);
    for (const other of choose(table.others, SWEEP, random, isSilent)) this.checks.begin(other, 'hint');
  }

  private setTurn(inMs: number): void {
    const { agenda, turn, options } = this.ground;
    agenda.at(turn.mono + inMs, () => {
      const target = this.next();
      if (target) this.checks.begin(target, 'turn');
      this.setTurn(options.probeIntervalMs * this.health.stretch());
    });
  }

  private next(): MemberRecord | null {
    const { table } = this.ground;
    const { others } = table;
    let chosen: MemberRecord | null = null;
    for (let step = 0; step < WINDOW && step < others.length; step++) {
      const other = others[(this.cursor + step) % others.length];
      if (!other || this.checks.isRunning(other)) continue;
      if (!chosen || other.freshAt < chosen.freshAt) chosen = other;
    }
    this.cursor = others.length > 0 ? this.cursor % others.length : 0;
    if (!chosen) return null;
    table.swap(chosen.slot, this.cursor);
    this.cursor++;
    return chosen;
  }
}
