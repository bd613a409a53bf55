/**
 * A version vector: for each origin, by this node's index, how many of its dots are known. Every replica knows a prefix of
 * each origin's dots, because deltas are applied in causal order; so one number per origin is exact.
 */
import type { Sibling } from './entry.js';

export type VersionVector = readonly number[];

/** Answers whether a dot is known to somebody. */
export interface Context {
  has(origin: number, counter: number): boolean;
}

export type Dot = Pick<Sibling, 'origin' | 'counter'>;

export function counterIn(vector: VersionVector | undefined, origin: number): number {
  return vector?.[origin] ?? 0;
}

/** Whether `one` knows everything that `other` knows. */
export function covers(one: VersionVector, other: VersionVector): boolean {
  for (let origin = 0; origin < other.length; origin++) {
    if ((other[origin] ?? 0) > (one[origin] ?? 0)) return false;
  }
  return true;
}

export function union(one: VersionVector, other: VersionVector): VersionVector {
  const all: number[] = [];
  for (let origin = 0; origin < Math.max(one.length, other.length); origin++)
    all.push(Math.max(one[origin] ?? 0, other[origin] ?? 0));
  return all;
}

/** Raises one number of a vector that is being built. */
export function raise(vector: number[], origin: number, counter: number): void {
  while (vector.length <= origin) vector.push(0);
  if (counter > (vector[origin] ?? 0)) vector[origin] = counter;
}

export function contextOf(vector: VersionVector): Context {
  return { has: (origin, counter) => counter <= (vector[origin] ?? 0) };
}

export function sameDot(one: Dot, other: Dot): boolean {
  return one.origin === other.origin && one.counter === other.counter;
}
