/**
 * One digest per bucket, over the dots of its siblings, kept up to date with every change. Two nodes find the buckets in
 * which they differ by exchanging these (S8). Two 32-bit lanes: equal digests of unequal buckets are one in 2^64.
 */
import { mix } from './hash.js';
import { BUCKETS } from './key-map.js';
import type { Origin } from './origins.js';

export class Digests {
  private readonly low = new Uint32Array(BUCKETS);
  private readonly high = new Uint32Array(BUCKETS);

  /** Adds a sibling, or takes it out again. */
  toggle(bucket: number, { hash }: Origin, counter: number): void {
    const upper = Math.floor(counter / 0x1_0000_0000);
    const low = mix(mix(hash, counter >>> 0), upper);
    this.low[bucket] = (this.low[bucket] as number) ^ low;
    this.high[bucket] = (this.high[bucket] as number) ^ mix(low ^ 0x9e3779b9, counter >>> 0);
  }

  /** Two numbers for each bucket. */
  all(): number[] {
    const list: number[] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      list.push(this.low[bucket] as number, this.high[bucket] as number);
    return list;
  }

  /** Buckets that differ from those of another node. */
  differing(theirs: readonly number[]): number[] {
    const different: number[] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (theirs[2 * bucket] !== this.low[bucket] || theirs[2 * bucket + 1] !== this.high[bucket])
        different.push(bucket);
    }
    return different;
  }
}
