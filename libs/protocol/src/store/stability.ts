/**
 * When a delete may be forgotten (S4): causal stability (Baquero, Almeida, Shoker, DAIS 2014), found from the clocks that
 * replicas exchange anyway. A dot is stable when every replica of the roster holds it and nothing concurrent to it can
 * come any more: everything that anybody held when it was found to be everywhere has since been found everywhere too.
 * It is settled when all replicas of the roster have said that it is stable for them.
 *
 * The roster is who is up, linked, or failed not long ago. One that is forgotten must drop what it holds before it is
 * let in again.
 */
import { greatest, NO_DOTS, sameDots } from './dots.js';
import type { Entries } from './entries.js';
import type { Entry } from './entry.js';
import type { Origin, Origins } from './origins.js';
import { baseOf, dotsOf, type Peer } from './peers.js';

interface Candidate {
  /** By index of origin. */
  readonly floor: readonly number[];
  readonly horizon: readonly number[];
  /** Origins whose replica had seen what was stable before. */
  readonly followers: readonly number[];
}

/** Keys that are settled in one go; the rest follows at once, so that nobody waits long (S7). */
const KEYS_PER_TICK = 512;
/** Rounds of clocks that must agree that dots are lost: in so many everybody has told anew what it holds. */
const LOST_ROUNDS = 10;

export class Stability {
  private candidate: Candidate | undefined;
  /** Keys that have something to settle and are not in a log. */
  private readonly strays = new Set<string>();
  private revisit: string[] = [];
  private behind = false;

  constructor(
    private readonly origins: Origins,
    private readonly entries: Entries,
  ) {}

  /** A key that is in no log any more. */
  readonly stray = (key: string): void => {
    if (rests(this.entries.map.get(key))) this.strays.add(key);
  };

  /** True while there is more to settle than one tick could. */
  get hasWork(): boolean {
    return this.behind;
  }

  /**
   * Looks at the latest clocks of the roster. `isComplete`: nobody is away who could hold alone what was confirmed.
   */
  advance(roster: readonly Peer[], isComplete: boolean): void {
    if (roster.some(({ report }) => report === undefined)) return;
    const { list } = this.origins;
    this.closeDeparted(roster, isComplete);
    const open = this.open(roster);
    const floor = list.map(({ floor }) => floor);
    const horizon = list.map(({ settled }) => settled);
    for (const { index, dots } of open) {
      floor[index] = roster.reduce(
        (lowest, { report }) => Math.min(lowest, baseOf(report, index)),
        dots.base,
      );
      horizon[index] = roster.reduce(
        (highest, { report }) => Math.max(highest, greatest(dotsOf(report, index) ?? NO_DOTS)),
        greatest(dots),
      );
    }
    if (this.isReached(floor, horizon)) {
      this.adopt(roster);
      const followers = roster
        .filter(({ origin }) => !this.origins.at(origin).followsFloor)
        .filter(({ report }) => list.every((origin) => baseOf(report, origin.index) >= origin.floor))
        .map(({ origin }) => origin);
      this.candidate = { floor, horizon, followers };
    }
    if (!this.settleOrigins(open, roster, horizon)) return;
    if (this.strays.size > 0) this.revisit = [...this.strays];
    this.behind = true;
  }

  /** Goes through what has been settled, oldest first. */
  work(): void {
    let budget = KEYS_PER_TICK;
    for (const { log, settled } of this.origins.list) {
      for (; log.from <= settled && log.from < log.to && budget > 0; budget--) {
        const key = log.take();
        if (key !== undefined) this.settle(key);
      }
      if (log.from === log.to) log.skipTo(settled + 1, this.stray);
    }
    for (; this.revisit.length > 0 && budget > 0; budget--) this.settle(this.revisit.pop() as string);
    this.behind = budget === 0;
  }

  /** What was found stable does not count among other replicas. */
  restart(): void {
    this.candidate = undefined;
    this.strays.clear();
    this.revisit = [];
  }

  /** Makes sure that a key is looked at again as long as it has something to settle. */
  note(key: string): void {
    const entry = this.entries.map.get(key);
    if (rests(entry) && !this.isLogged(key, entry)) this.strays.add(key);
    else if (this.strays.size > 0) this.strays.delete(key);
  }

  /**
   * Origins of which anything may have changed. Most are of processes that ended long ago, and stay the same for everybody
   * who was there to see it.
   */
  private open(roster: readonly Peer[]): readonly Origin[] {
    const { list } = this.origins;
    if (!roster.every(({ origin }) => this.origins.at(origin).followsFloor)) return list;
    const awaited = this.awaited(roster);
    return list.filter(
      (origin) => !origin.gone || awaited.has(origin.index) || greatest(origin.dots) > origin.settled,
    );
  }

  private awaited(roster: readonly Peer[]): ReadonlySet<number> {
    return new Set([this.origins.self.index, ...roster.map(({ origin }) => origin)]);
  }

  /** Says whether anything moved. */
  private settleOrigins(
    open: readonly Origin[],
    roster: readonly Peer[],
    horizon: readonly number[],
  ): boolean {
    const awaited = this.awaited(roster);
    let moved = false;
    for (const origin of open) {
      const { index } = origin;
      const settled = roster.reduce(
        (lowest, { floors }) => Math.min(lowest, baseOf(floors, index)),
        origin.floor,
      );
      const gone = !awaited.has(index) && Math.max(settled, origin.settled) >= (horizon[index] ?? 0);
      moved ||= settled > origin.settled || (gone && !origin.gone);
      origin.settled = Math.max(settled, origin.settled);
      origin.gone = gone;
    }
    return moved;
  }

  /** Lets go of what can be, and keeps in mind what cannot yet. */
  settle(key: string): void {
    this.entries.settle(key);
    this.note(key);
  }

  /** What only a replica held that is waited for no longer is gone, and holds nothing up. */
  private isReached(floor: readonly number[], horizon: readonly number[]): boolean {
    return (this.candidate?.horizon ?? []).every(
      (counter, index) => (floor[index] ?? 0) >= Math.min(counter, horizon[index] ?? 0),
    );
  }

  /** Not so what a copy has brought whose origins have a log that begins earlier, until the copy is complete. */
  private isLogged(key: string, { origin, counter }: Entry): boolean {
    return this.origins.at(origin).log.get(counter) === key;
  }

  private adopt(roster: readonly Peer[]): void {
    if (this.candidate === undefined) return;
    this.candidate.floor.forEach((counter, index) => {
      const origin = this.origins.at(index);
      origin.floor = Math.max(origin.floor, counter);
    });
    // Not who has been given up meanwhile.
    for (const { origin } of roster)
      if (this.candidate.followers.includes(origin)) this.origins.at(origin).followsFloor = true;
  }

  /**
   * Dots that nobody in the roster holds, of a replica that is not in it, are lost: when everybody is there to say so, and
   * has said so since the last of them could arrive. One that is away may have confirmed them (S2).
   */
  private closeDeparted(roster: readonly Peer[], isComplete: boolean): void {
    const present = new Set(roster.map(({ origin }) => origin));
    for (const origin of this.origins.list) {
      const { index, dots } = origin;
      if (dots.above.length === 0 || present.has(index) || index === this.origins.self.index) continue;
      const isAlike = roster.every(({ report }) => sameDots(dotsOf(report, index) ?? NO_DOTS, dots));
      origin.lostRounds = isComplete && isAlike ? origin.lostRounds + 1 : 0;
      if (origin.lostRounds >= LOST_ROUNDS) dots.close();
    }
  }
}

function rests(entry: Entry | undefined): entry is Entry {
  if (entry === undefined) return false;
  return entry.value === undefined || entry.seen !== undefined || entry.siblings !== undefined;
}
