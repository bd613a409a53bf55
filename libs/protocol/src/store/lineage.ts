/**
 * Which store this node has copied. Two sides that have forgotten each other have two stores, each without what the other one
 * has replaced and forgotten; a node that mixed them would bring the dead back (S3, S4). What is settled in a store tells it
 * from others: whoever missed that, and holds older dots, has another one.
 */
import type { Core } from './core.js';
import type { StoreMessage } from './message.js';
import type { KnownClock } from './origins.js';
import { baseOf, present, type Peer } from './peers.js';

type First = NonNullable<Extract<StoreMessage, { readonly type: 'chunk' }>['first']>;

/** Whose whole store this node began to copy, as it was then. */
interface Source {
  readonly peer: Peer;
  readonly generation: number | undefined;
  readonly clock: KnownClock;
  readonly settled: KnownClock;
  /** Origins of those that have the same store; their clocks may be told late. */
  readonly roster: ReadonlySet<number>;
  /** What it said in the end. */
  floor: KnownClock | undefined;
}

const NOTHING: KnownClock = new Map();

export class Lineage {
  private sources: Source[] = [];

  constructor(private readonly core: Core) {}

  /** Somebody of whom this node has begun to copy is still there. */
  get isBound(): boolean {
    return this.sources.some(isThere);
  }

  /** A whole store begins to come. False when it is another one than has begun to come before. */
  begin(peer: Peer, { settled, roster }: First, numbers: readonly number[]): boolean {
    const { origins, peers } = this.core;
    const source: Source = {
      peer,
      generation: peer.replica?.generation,
      clock: peer.report ?? NOTHING,
      settled: origins.read(settled, numbers),
      roster: new Set(roster.map((index) => numbers[index] ?? -1)),
      floor: undefined,
    };
    // Of a source that is gone, what came is all that there is: another store is better than none (S2).
    this.sources = this.sources.filter((other) => other.peer !== peer && isThere(other));
    peer.foreign =
      this.isForeign(peer) ||
      this.sources.some(({ peer: { origin }, clock }) => this.isOutside(source, origin, clock));
    if (peer.foreign) return false;
    this.sources.push(source);
    for (const other of peers.where(({ judged }) => judged)) other.foreign = this.isForeign(other);
    return true;
  }

  /** Whether the peer has another store than has been copied here. */
  isForeign(peer: Peer): boolean {
    const { origin, report } = peer;
    if (report === undefined) return false;
    return this.sources.some((source) => source.peer !== peer && this.isOutside(source, origin, report));
  }

  /** Everything that the peer had has come. */
  complete(peer: Peer, floor: KnownClock): void {
    const source = this.sources.find((begun) => begun.peer === peer);
    if (source !== undefined) source.floor = floor;
  }

  /**
   * This node has the store, and its floors with it: the entries came without saying that they have seen those. What came to
   * nothing counts no longer.
   */
  inherit(): void {
    const { origins } = this.core;
    this.sources = this.sources.filter(({ floor }) => floor !== undefined);
    for (const { floor = NOTHING } of this.sources) {
      for (const [index, { base }] of floor) {
        const origin = origins.at(index);
        origin.floor = Math.max(origin.floor, Math.min(base, origin.dots.base));
      }
    }
  }

  restart(): void {
    this.sources = [];
  }

  private isOutside({ settled, roster }: Source, origin: number, clock: KnownClock): boolean {
    return !roster.has(origin) && this.core.origins.isOutlived(clock, ({ index }) => baseOf(settled, index));
  }
}

function isThere({ peer, generation }: Source): boolean {
  return present(peer) && peer.replica?.generation === generation;
}
