/**
 * Parts of a transfer that wait for the rest of their bucket, or of the transfer, and how they are merged: each bucket as a
 * whole, with what the sender knew when it read it.
 */
import type { Core } from '../core.js';
import type { BucketPart, KeyState, WireSibling } from '../message.js';
import type { Sibling } from '../state/entry.js';
import { bucketOf } from '../state/key-map.js';
import { readPairs, type Origins } from '../state/origins.js';
import type { StoreState } from '../state/store-state.js';
import { contextOf, raise, type Context, type VersionVector } from '../state/version-vector.js';
import type { Peer } from './peers.js';

interface Staged {
  readonly states: readonly KeyState[];
  /** The receiver's numbers for the replicas of the message. */
  readonly numbers: readonly number[];
}

export class Staging {
  private staged: Staged[] = [];
  /** Of the bucket that is coming in. */
  private dots: { readonly all: readonly number[] | null; readonly beyond: readonly number[] } | undefined;

  constructor(
    private readonly core: Core,
    private readonly target: StoreState,
    private readonly sender: Peer,
  ) {}

  push(states: readonly KeyState[], numbers: readonly number[]): void {
    this.staged.push({ states, numbers });
  }

  /** `vector`: what the sender knew when it read the bucket. */
  takeBucket(part: BucketPart, numbers: readonly number[], vector: VersionVector): void {
    this.push(part.states, numbers);
    this.dots ??= {
      all: part.dots && readPairs(part.dots, numbers),
      beyond: readPairs(part.beyond ?? [], numbers),
    };
    if (!part.isLast) return;
    const { target, dots, sender, core } = this;
    const known = dots.beyond.length === 0 ? vector : withPairs(target.origins, vector, dots.beyond);
    const context = contextOf(known);
    const had = target.entries.table.bucketSize(part.bucket) > 0;
    const theirs = had ? dotsOf(dots.all, this.staged) : undefined;
    this.merge(context, part.bucket);
    if (theirs !== undefined && sender.replica !== undefined)
      target.entries.prune(part.bucket, theirs, context, sender.replica, core.now.wall);
    target.knowledge.raiseBucket(part.bucket, known);
    this.dots = undefined;
  }

  /** What its sender does not know, or has in another bucket, has no place here (I1). */
  merge(context: Context, bucket?: number): void {
    const { core, target, sender } = this;
    const { wall } = core.now;
    const teller = sender.replica ?? core.self;
    for (const { states, numbers } of this.staged) {
      for (const { key, siblings } of states) {
        if (bucket !== undefined && bucketOf(key) !== bucket) continue;
        const theirs = siblings
          .map((sibling) => siblingOf(sibling, numbers))
          .filter(({ origin, counter }) => context.has(origin, counter));
        for (const { time } of theirs) core.time.see(time, wall);
        target.entries.mergeKey(key, theirs, context, teller, wall);
      }
    }
    this.staged = [];
  }
}

function siblingOf(
  { origin, counter, value, time, expiresAt }: WireSibling,
  numbers: readonly number[],
): Sibling {
  return { origin: numbers[origin] ?? 0, counter, value, time, expiresAt };
}

function withPairs(origins: Origins, vector: VersionVector, pairs: readonly number[]): VersionVector {
  const all = [...vector];
  for (let at = 0; at < pairs.length; at += 2) {
    const [origin, counter] = [pairs[at] as number, pairs[at + 1] as number];
    raise(all, origin, origins.credible(origin, counter));
  }
  return all;
}

/** Every dot that the sender has in a bucket: as it lists them, or those of all its states. */
function dotsOf(pairs: readonly number[] | null, staged: readonly Staged[]): Context {
  const counters = new Map<number, Set<number>>();
  const add = (origin: number, counter: number): void => {
    const known = counters.get(origin);
    if (known === undefined) counters.set(origin, new Set([counter]));
    else known.add(counter);
  };
  if (pairs !== null)
    for (let at = 0; at < pairs.length; at += 2) add(pairs[at] as number, pairs[at + 1] as number);
  else
    for (const { states, numbers } of staged)
      for (const { siblings } of states)
        for (const { origin, counter } of siblings) add(numbers[origin] ?? 0, counter);
  return { has: (origin, counter) => counters.get(origin)?.has(counter) === true };
}
