/**
 * Which value is visible among siblings (S3): a function of the set alone, so that all nodes show the same.
 */
import type { Resolver } from '../machine.js';
import type { Sibling, StoredValue } from './entry.js';
import type { Origins } from './origins.js';
import { sameDot } from './version-vector.js';

export interface Resolved {
  readonly value: StoredValue;
  /** What the resolver threw, in which case the latest was taken; undefined when it did not. */
  readonly threw: unknown;
}

export function hasExpired({ expiresAt }: Pick<Sibling, 'expiresAt'>, wall: number): boolean {
  return expiresAt !== 0 && expiresAt <= wall;
}

/** When the first of them expires; 0 = never. */
export function earliestExpiry(siblings: readonly Sibling[]): number {
  let earliest = 0;
  for (const { expiresAt } of siblings)
    if (expiresAt !== 0 && (earliest === 0 || expiresAt < earliest)) earliest = expiresAt;
  return earliest;
}

export function sameDots(some: readonly Sibling[], others: readonly Sibling[]): boolean {
  return some.length === others.length && some.every((one, at) => sameDot(one, others[at] as Sibling));
}

/** Siblings come latest first, and there is at least one. */
export function resolve(
  key: string,
  siblings: readonly Sibling[],
  resolver: Resolver | undefined,
  origins: Origins,
): Resolved {
  const latest = (siblings[0] as Sibling).value;
  if (resolver === undefined || siblings.length < 2) return { value: latest, threw: undefined };
  const candidates = siblings.map(({ value, time, origin }) => {
    return { value, time, node: origins.at(origin).replica };
  });
  try {
    return { value: resolver(key, candidates), threw: undefined };
  } catch (error) {
    return { value: latest, threw: error ?? new Error('the resolver threw nothing') };
  }
}
