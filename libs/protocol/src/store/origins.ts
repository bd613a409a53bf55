/**
 * Every replica whose dots this node has met, by a small number that stands for it in memory, and the node-wide clock:
 * which dots of each are held. Names travel once per message and are numbered there anew.
 */
import { DotLog } from './dot-log.js';
import { Dots, greatest, missing, NO_DOTS, sameDots, type DotSet } from './dots.js';
import type { Replica } from './entry.js';
import type { Clock, ClockEntry } from './message.js';

/** How often a change is told, so that one clock may get lost. */
const NEWS_ROUNDS = 3;

export class Origin {
  readonly dots = new Dots();
  readonly log: DotLog;
  /** Up to here every replica holds every dot, and nothing concurrent to them can come any more (S4). */
  floor = 0;
  /** Up to here every replica is known to have reached that `floor`. */
  settled = 0;
  /** Nobody is waited for who could hold more of its dots than are settled: any other is lost. */
  gone = false;
  /** New dots of it have surely seen all `floor`s; not so for a replica that was met only now. */
  followsFloor = false;
  /** Rounds of clocks in which nobody had what is missing here. */
  lostRounds = 0;
  /** Rounds of clocks that still mention it. */
  news = NEWS_ROUNDS;
  private told = NO_DOTS;
  private toldFloor = 0;

  constructor(
    readonly index: number,
    readonly replica: Replica,
    logMax: number,
  ) {
    this.log = new DotLog(logMax);
  }

  isSettled(counter: number): boolean {
    return this.gone || counter <= this.settled;
  }

  /** A round of clocks begins: notes whether there is something new to tell. */
  beginRound(): void {
    const { dots, floor, told, toldFloor } = this;
    if (sameDots(dots, told) && floor === toldFloor) this.news = Math.max(0, this.news - 1);
    else {
      this.news = NEWS_ROUNDS;
      this.told = { base: dots.base, above: [...dots.above] };
      this.toldFloor = floor;
    }
  }
}

/** A clock as another node told it, by this node's numbers. Origins that it does not name hold nothing. */
export type KnownClock = ReadonlyMap<number, DotSet>;

export class Origins {
  readonly list: Origin[] = [];
  private readonly byId = new Map<string, Origin>();
  /** The same for a description that was seen before. */
  private byReplica = new WeakMap<Replica, Origin>();
  self: Origin;

  constructor(
    self: Replica,
    private readonly logMax: number,
  ) {
    this.self = this.of(self);
    this.self.followsFloor = true;
  }

  /** Forgets everything, and goes on as another replica. */
  restart(self: Replica): void {
    this.list.length = 0;
    this.byId.clear();
    this.byReplica = new WeakMap();
    this.self = this.of(self);
    this.self.followsFloor = true;
  }

  of(replica: Replica): Origin {
    let origin = this.byReplica.get(replica);
    if (origin === undefined) this.byReplica.set(replica, (origin = this.find(replica)));
    return origin;
  }

  private find(replica: Replica): Origin {
    const id = replicaId(replica);
    let origin = this.byId.get(id);
    if (origin === undefined) {
      origin = new Origin(this.list.length, replica, this.logMax);
      this.list.push(origin);
      this.byId.set(id, origin);
    }
    return origin;
  }

  at(index: number): Origin {
    return this.list[index] as Origin;
  }

  /** This node's numbers for the replicas of a message, in its order. */
  numbers(replicas: readonly Replica[]): number[] {
    return replicas.map((replica) => this.of(replica).index);
  }

  /** Nobody holds more of this node's dots than it has written. */
  read(clock: Clock, numbers: readonly number[]): KnownClock {
    const known = new Map<number, DotSet>();
    const { index: own, dots } = this.self;
    for (const entry of clock) {
      const index = numbers[entry.origin];
      if (index === undefined) continue;
      const origin = this.at(index);
      if (greatest(entry) > origin.settled) origin.gone = false;
      const isFalse = index === own && greatest(entry) > dots.base;
      known.set(index, isFalse ? { base: Math.min(entry.base, dots.base), above: [] } : entry);
    }
    return known;
  }

  holds(origin: number, counter: number): boolean {
    return this.at(origin).dots.has(counter);
  }

  /** Of pairs of origin and counter, those that some replica may still ask about. */
  unsettled(seen: readonly number[]): readonly number[] | undefined {
    const left: number[] = [];
    for (let at = 0; at < seen.length; at += 2) {
      const origin = seen[at] as number;
      const counter = seen[at + 1] as number;
      if (!this.at(origin).isSettled(counter)) left.push(origin, counter);
    }
    return left.length === 0 ? undefined : left;
  }

  /** A clock on top of what was told before, be that later: nobody ever holds less. */
  readOver(before: KnownClock | undefined, clock: Clock, numbers: readonly number[]): KnownClock {
    const known = this.read(clock, numbers);
    if (before === undefined) return known;
    if (known.size === 0) return before;
    const all = new Map(before);
    for (const [index, dots] of known) all.set(index, together(before.get(index) ?? NO_DOTS, dots));
    return all;
  }

  /** Whether a clock holds dots that this node does not, of any origin or of those that `which` lets through. */
  lacks(clock: KnownClock, which: (origin: number) => boolean = () => true): boolean {
    for (const [origin, dots] of clock) {
      if (which(origin) && missing(dots, this.at(origin).dots).length > 0) return true;
    }
    return false;
  }

  /** Whether whoever told a clock missed what is settled here, and holds what may have been replaced by it. */
  isOutlived(clock: KnownClock, settledOf = (origin: Origin) => origin.settled): boolean {
    let hasMissed = false;
    let holdsOld = false;
    for (const origin of this.list) {
      const settled = settledOf(origin);
      const { base, above } = clock.get(origin.index) ?? NO_DOTS;
      hasMissed ||= base < settled;
      holdsOld ||= Math.min(base > 0 ? 1 : Infinity, above[0] ?? Infinity) <= settled;
    }
    return hasMissed && holdsOld;
  }

  /** Whether a clock holds all that this node does. */
  coveredBy(clock: KnownClock): boolean {
    return this.list.every((origin) => missing(origin.dots, clock.get(origin.index) ?? NO_DOTS).length === 0);
  }

  /** Orders replicas alike on all nodes. */
  compare(one: number, other: number): number {
    return one === other ? 0 : compareReplicas(this.at(one).replica, this.at(other).replica);
  }
}

/** The list of replicas of a message in the making. */
export class ReplicaList {
  readonly replicas: Replica[] = [];
  private readonly numbers = new Map<number, number>();

  constructor(private readonly origins: Origins) {}

  number(origin: number): number {
    let number = this.numbers.get(origin);
    if (number === undefined) {
      number = this.replicas.length;
      this.replicas.push(this.origins.at(origin).replica);
      this.numbers.set(origin, number);
    }
    return number;
  }

  /** Pairs of origin and counter, renumbered. */
  pairs(seen: readonly number[] | undefined): readonly number[] | undefined {
    return seen?.map((part, at) => (at % 2 === 0 ? this.number(part) : part));
  }

  /** What is held; of all origins, or of those that there is news about. */
  clock(all = true): ClockEntry[] {
    return this.told(all)
      .filter(({ dots }) => dots.base > 0 || dots.above.length > 0)
      .map(({ index, dots }) => ({ origin: this.number(index), base: dots.base, above: [...dots.above] }));
  }

  floor(all = true): ClockEntry[] {
    return this.told(all)
      .filter((origin) => origin.floor > 0)
      .map(({ index, floor }) => ({ origin: this.number(index), base: floor, above: [] }));
  }

  settled(): ClockEntry[] {
    return this.origins.list
      .filter(({ settled }) => settled > 0)
      .map(({ index, settled }) => ({ origin: this.number(index), base: settled, above: [] }));
  }

  private told(all: boolean): Origin[] {
    return all ? this.origins.list : this.origins.list.filter(({ news }) => news > 0);
  }
}

function together(one: DotSet, other: DotSet): DotSet {
  if (missing(one, other).length === 0) return other;
  const all = new Dots();
  all.addAll(one);
  all.addAll(other);
  return all;
}

/** Pairs of a message, by this node's numbers. */
export function readPairs(
  seen: readonly number[] | undefined,
  numbers: readonly number[],
): number[] | undefined {
  return seen?.map((part, at) => (at % 2 === 0 ? (numbers[part] ?? 0) : part));
}

export function replicaId(replica: Replica): string {
  return `${replica.incarnation}.${replica.generation}`;
}

export function compareReplicas(one: Replica, other: Replica): number {
  if (one.incarnation !== other.incarnation) return one.incarnation < other.incarnation ? -1 : 1;
  return one.generation - other.generation;
}
