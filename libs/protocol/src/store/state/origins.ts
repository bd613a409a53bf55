/**
 * Every replica whose dots this node has met, by a small number that stands for it in memory, and how many of its dots this
 * node knows: the node's clock. Replicas are named once per message and numbered there anew.
 */
import type { Clock, ClockEntry } from '../message.js';
import { replicaId, compareReplicas, type Replica } from './entry.js';
import { hashText, mix } from './hash.js';
import { ChangeLog } from './log.js';
import type { VersionVector } from './version-vector.js';

/** Rounds of clocks in which a change is told, so that one clock may get lost. */
const NEWS_ROUNDS = 3;

export class Origin {
  /** This node knows the dots 1 to `counter`. */
  counter = 0;
  readonly log = new ChangeLog();
  readonly hash: number;
  /** Rounds of clocks that still mention it. */
  news = NEWS_ROUNDS;
  private toldCounter = 0;
  /** The counter has changed since the last message of the stream. */
  isPending = false;

  constructor(
    readonly index: number,
    readonly replica: Replica,
  ) {
    this.hash = mix(hashText(replica.incarnation), replica.generation);
  }

  /** A round of clocks begins: notes whether there is something new to tell. */
  beginRound(): void {
    if (this.counter === this.toldCounter) this.news = Math.max(0, this.news - 1);
    else this.news = NEWS_ROUNDS;
    this.toldCounter = this.counter;
  }
}

export class Origins {
  readonly list: Origin[] = [];
  readonly self: Origin;
  private readonly byId = new Map<string, Origin>();
  /** The same for an object that was seen before. */
  private readonly byReplica = new WeakMap<Replica, Origin>();
  /** Origins whose counter has changed since the last message of the stream. */
  private pending: Origin[] = [];
  private logged = 0;
  /** Nobody has written more than this; set in each step. */
  counterMax = Number.MAX_SAFE_INTEGER;
  /** How many dots of this node somebody takes it to have written, when that is more than it has (W7). */
  private overstated = 0;

  constructor(
    self: Replica,
    /** Dots whose key is remembered, of all origins together. */
    private readonly logMax: number,
  ) {
    this.self = this.of(self);
  }

  of(replica: Replica): Origin {
    let origin = this.byReplica.get(replica);
    if (origin === undefined) this.byReplica.set(replica, (origin = this.find(replica)));
    return origin;
  }

  at(index: number): Origin {
    return this.list[index] as Origin;
  }

  has(origin: number, counter: number): boolean {
    return counter <= this.at(origin).counter;
  }

  /** The next dot of an origin, which changed this key. */
  append(origin: Origin, key: string): void {
    origin.counter++;
    origin.log.append(key);
    this.note(origin);
    if (++this.logged > this.logMax) this.trim();
  }

  /** Dots whose keys are not known. */
  raise(origin: Origin, counter: number): void {
    if (counter <= origin.counter) return;
    origin.counter = counter;
    this.logged -= origin.log.length;
    origin.log.restart(counter + 1);
    this.note(origin);
  }

  /** A copy of the clock. */
  vector(): VersionVector {
    return this.list.map(({ counter }) => counter);
  }

  covers(vector: VersionVector): boolean {
    for (let origin = 0; origin < vector.length; origin++) {
      if ((vector[origin] ?? 0) > this.at(origin).counter) return false;
    }
    return true;
  }

  coveredBy(vector: VersionVector | undefined): boolean {
    return this.list.every(({ counter, index }) => counter <= (vector?.[index] ?? 0));
  }

  /** Origins whose counter has changed since the last call. */
  takePending(): readonly Origin[] {
    const taken = this.pending;
    for (const origin of taken) origin.isPending = false;
    this.pending = [];
    return taken;
  }

  /** This node's numbers for the replicas of a message, in its order. */
  numbers(replicas: readonly Replica[]): number[] {
    return replicas.map((replica) => this.of(replica).index);
  }

  /** Reads a clock into a vector. */
  readInto(vector: number[], clock: Clock, numbers: readonly number[]): void {
    while (vector.length < this.list.length) vector.push(0);
    for (const { origin, counter } of clock) {
      const index = numbers[origin];
      if (index === undefined) continue;
      const credible = this.credible(index, counter);
      if (credible > (vector[index] as number)) vector[index] = credible;
    }
  }

  /** Nobody knows more of this node's dots than it has written, or more of any than can be (W7). */
  credible(index: number, counter: number): number {
    if (counter > this.counterMax) return 0;
    if (index !== this.self.index || counter <= this.self.counter) return counter;
    this.overstated = Math.max(this.overstated, counter);
    return this.self.counter;
  }

  /** Somebody takes this node to have written more than it has. */
  get isOverstated(): boolean {
    return this.overstated > this.self.counter;
  }

  /** Goes on above: others would take its next dots for old ones (W7). */
  surpass(): void {
    this.raise(this.self, this.overstated);
  }

  /** A vector that differs from another one as a clock says. */
  readChanges(from: VersionVector, clock: Clock, numbers: readonly number[]): VersionVector {
    const vector = [...from];
    while (vector.length < this.list.length) vector.push(0);
    for (const { origin, counter } of clock) {
      const index = numbers[origin];
      if (index !== undefined) vector[index] = this.credible(index, counter);
    }
    return vector;
  }

  /** Orders origins alike on all nodes. */
  compare(one: number, other: number): number {
    return one === other ? 0 : compareReplicas(this.at(one).replica, this.at(other).replica);
  }

  private find(replica: Replica): Origin {
    const id = replicaId(replica);
    let origin = this.byId.get(id);
    if (origin === undefined) {
      origin = new Origin(this.list.length, replica);
      this.list.push(origin);
      this.byId.set(id, origin);
    }
    return origin;
  }

  private note(origin: Origin): void {
    if (origin.isPending) return;
    origin.isPending = true;
    this.pending.push(origin);
  }

  /** Drops a part of the longest logs at once, so that this is rare. */
  private trim(): void {
    const goal = this.logMax - (this.logMax >> 3);
    while (this.logged > goal) {
      const longest = this.list.reduce((one, other) => (other.log.length > one.log.length ? other : one));
      const before = longest.log.length;
      longest.log.drop(Math.min(this.logged - goal, Math.max(1, before >> 1)));
      this.logged -= before - longest.log.length;
    }
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
  pairs(pairs: readonly number[]): number[] {
    return pairs.map((part, at) => (at % 2 === 0 ? this.number(part) : part));
  }

  clock(origins: readonly Origin[] = this.origins.list): ClockEntry[] {
    return origins
      .filter(({ counter }) => counter > 0)
      .map(({ index, counter }) => ({ origin: this.number(index), counter }));
  }

  /** Where a vector differs from another one, be it higher or lower. */
  changes(vector: VersionVector, from: VersionVector): ClockEntry[] {
    const entries: ClockEntry[] = [];
    for (let origin = 0; origin < vector.length; origin++) {
      const counter = vector[origin] ?? 0;
      if (counter !== (from[origin] ?? 0)) entries.push({ origin: this.number(origin), counter });
    }
    return entries;
  }

  /** What a vector says beyond another one. */
  difference(vector: VersionVector, before: VersionVector = []): ClockEntry[] {
    const entries: ClockEntry[] = [];
    for (let origin = 0; origin < vector.length; origin++) {
      const counter = vector[origin] ?? 0;
      if (counter > (before[origin] ?? 0)) entries.push({ origin: this.number(origin), counter });
    }
    return entries;
  }
}

/** Pairs of a message, by this node's numbers. */
export function readPairs(pairs: readonly number[], numbers: readonly number[]): number[] {
  return pairs.map((part, at) => (at % 2 === 0 ? (numbers[part] ?? 0) : part));
}
