/**
 * Which dots this node knows. The clock holds for every bucket. A transfer goes through the buckets one by one: those that
 * it has gone through know more than the clock until the transfer is complete, and also when it breaks off midway. So each
 * sibling's dot is known in its bucket at any moment (I1), and half a copy can be merged with anything.
 */
import { hashText, mix } from './hash.js';
import { BUCKETS } from './key-map.js';
import type { Origins } from './origins.js';
import { covers, union, type VersionVector } from './version-vector.js';

export class Knowledge {
  /** By bucket; only where it exceeds the clock. Vectors are shared and never changed. */
  private readonly ahead: (VersionVector | undefined)[] = [];
  private count = 0;

  constructor(private readonly origins: Origins) {}

  /** Some bucket knows more than the clock. */
  get isPartial(): boolean {
    return this.count > 0;
  }

  has(bucket: number, origin: number, counter: number): boolean {
    if (counter <= this.origins.at(origin).counter) return true;
    return this.count > 0 && counter <= (this.ahead[bucket]?.[origin] ?? 0);
  }

  /** What a bucket knows beyond the clock, as pairs of origin and counter. */
  beyond(bucket: number): readonly number[] | undefined {
    const vector = this.count > 0 ? this.ahead[bucket] : undefined;
    if (vector === undefined) return undefined;
    const pairs: number[] = [];
    for (let origin = 0; origin < vector.length; origin++) {
      const counter = vector[origin] ?? 0;
      if (counter > this.origins.at(origin).counter) pairs.push(origin, counter);
    }
    return pairs.length === 0 ? undefined : pairs;
  }

  /** A bucket was gone through. */
  raiseBucket(bucket: number, vector: VersionVector): void {
    if (this.origins.covers(vector)) return;
    const before = this.ahead[bucket];
    if (before === undefined) this.count++;
    this.ahead[bucket] = before === undefined || covers(vector, before) ? vector : union(before, vector);
  }

  /** Every bucket was gone through: the clock takes over. */
  raiseAll(vector: VersionVector): void {
    for (let origin = 0; origin < vector.length; origin++)
      this.origins.raise(this.origins.at(origin), vector[origin] ?? 0);
    this.settle();
  }

  /** Lets go of what the clock has caught up with. */
  settle(): void {
    if (this.count === 0) return;
    const isCovered = new Map<VersionVector, boolean>();
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const vector = this.ahead[bucket];
      if (vector === undefined) continue;
      let covered = isCovered.get(vector);
      if (covered === undefined) isCovered.set(vector, (covered = this.origins.covers(vector)));
      if (!covered) continue;
      this.ahead[bucket] = undefined;
      this.count--;
    }
  }

  /** Equal on nodes whose buckets know the same beyond equal clocks; 0 when none is ahead. */
  get digest(): number {
    let digest = 0;
    if (this.count === 0) return digest;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const pairs = this.beyond(bucket) ?? [];
      for (let at = 0; at < pairs.length; at += 2) {
        const { hash } = this.origins.at(pairs[at] as number);
        digest = (digest + mix(mix(hash, bucket), hashText(String(pairs[at + 1])))) >>> 0;
      }
    }
    return digest;
  }

  /** Every dot that is known in some bucket, for the check of a decree (P4). */
  highest(): VersionVector {
    let highest = this.origins.vector();
    for (const vector of new Set(this.ahead)) if (vector !== undefined) highest = union(highest, vector);
    return highest;
  }
}
