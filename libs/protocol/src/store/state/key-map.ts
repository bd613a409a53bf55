/**
 * The keys of a replica, in buckets by their hash. A bucket is the unit of repair (S8). Many small maps also grow without a
 * pause: a single `Map` copies itself whenever it doubles, which takes hundreds of milliseconds at a million keys (S7).
 * The first keys are in one more map, so that a small store is read as fast as a `Map`.
 */
import { hashText } from './hash.js';

/** Keys in the map for fast reads; growing to so many takes a few milliseconds. */
const FIRST_MAX = 32_768;

/** The same on all nodes of a cluster. A power of two. */
export const BUCKETS = 1_024;

export const ALL_BUCKETS: readonly number[] = Array.from({ length: BUCKETS }, (_, bucket) => bucket);

export function bucketOf(key: string): number {
  return hashText(key) & (BUCKETS - 1);
}

export class KeyMap<Value> {
  private readonly first = new Map<string, Value>();
  private readonly buckets: (Map<string, Value> | undefined)[] = Array.from(
    { length: BUCKETS },
    () => undefined,
  );
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(key: string): Value | undefined {
    const value = this.first.get(key);
    if (value !== undefined || this.first.size === this.count) return value;
    return this.buckets[bucketOf(key)]?.get(key);
  }

  /** The same when the bucket is known. */
  getIn(bucket: number, key: string): Value | undefined {
    return this.buckets[bucket]?.get(key);
  }

  /** Adds a key that is not there. */
  add(bucket: number, key: string, value: Value): void {
    let map = this.buckets[bucket];
    if (map === undefined) this.buckets[bucket] = map = new Map();
    map.set(key, value);
    this.count++;
    if (this.first.size < FIRST_MAX) this.first.set(key, value);
  }

  delete(bucket: number, key: string): boolean {
    const map = this.buckets[bucket];
    if (map === undefined || !map.delete(key)) return false;
    this.first.delete(key);
    this.count--;
    if (map.size === 0) this.buckets[bucket] = undefined;
    return true;
  }

  bucket(bucket: number): ReadonlyMap<string, Value> {
    return this.buckets[bucket] ?? (EMPTY as ReadonlyMap<string, Value>);
  }

  /** Like a `Map`'s: an iteration may meet what is added meanwhile, and does not meet what is deleted before its turn. */
  *[Symbol.iterator](): IterableIterator<[string, Value]> {
    if (this.first.size === this.count) return yield* this.first;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const map = this.buckets[bucket];
      if (map !== undefined) yield* map;
    }
  }
}

const EMPTY: ReadonlyMap<string, unknown> = new Map<string, unknown>();
