/**
 * Which value is visible among siblings (S3): a function of the set alone, so that all nodes show the same without telling
 * each other. A delete takes away what is older by hybrid time; what is newer goes to the resolver when there are several.
 */
import type { Sibling, StoredValue } from './entry.js';
import type { Resolver } from './machine.js';
import type { Origins } from './origins.js';

export interface Resolved {
  readonly value: StoredValue | undefined;
  /** What the resolver threw, in which case the latest was taken; undefined when it did not. */
  readonly threw: unknown;
}

/** Siblings come latest first. */
export function resolve(
  key: string,
  siblings: readonly Sibling[],
  resolver: Resolver | undefined,
  origins: Origins,
): Resolved {
  const latest = siblings[0]?.value;
  const candidates = [];
  for (const { value, time, origin } of siblings) {
    if (value === undefined) break;
    candidates.push({ value, time, node: origins.at(origin).replica });
  }
  if (resolver === undefined || candidates.length < 2) return { value: latest, threw: undefined };
  try {
    return { value: resolver(key, candidates), threw: undefined };
  } catch (error) {
    return { value: latest, threw: error ?? new Error('the resolver threw nothing') };
  }
}
