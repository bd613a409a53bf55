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

type Visible = Sibling & { readonly value: StoredValue };

/**
 * Those that no later delete hides. What has run out hides nothing: when that is noticed, and forgotten, depends on the
 * clock of each node (S5).
 */
export function visibleAmong(siblings: readonly Sibling[]): Visible[] {
  const visible: Visible[] = [];
  for (const sibling of siblings) {
    if (isVisible(sibling)) visible.push(sibling);
    else if (!hasRunOut(sibling)) break;
  }
  return visible;
}

/** What came too late to be shown has no value; that it had a time to live tells it from a delete (S5). */
export function lapsed(sibling: Sibling, wall: number): Sibling {
  return sibling.expiresAt === 0 || sibling.expiresAt > wall ? sibling : { ...sibling, value: undefined };
}

/** When the first of those that count runs out; 0 for never. One that is alone keeps what tells it from a delete. */
export function earliest(siblings: readonly Sibling[]): number {
  if (siblings.length === 1) return siblings[0]?.expiresAt ?? 0;
  const times = visibleAmong(siblings).flatMap(({ expiresAt }) => (expiresAt === 0 ? [] : expiresAt));
  return times.length === 0 ? 0 : Math.min(...times);
}

export function sameWrites(some: readonly Sibling[], others: readonly Sibling[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ origin, counter }, at) => others[at]?.origin === origin && others[at].counter === counter)
  );
}

function hasRunOut({ value, expiresAt }: Sibling): boolean {
  return value === undefined && expiresAt !== 0;
}

function isVisible(sibling: Sibling): sibling is Visible {
  return sibling.value !== undefined;
}

/** Siblings come latest first. */
export function resolve(
  key: string,
  siblings: readonly Sibling[],
  resolver: Resolver | undefined,
  origins: Origins,
): Resolved {
  const candidates = visibleAmong(siblings).map(({ value, time, origin }) => {
    return { value, time, node: origins.at(origin).replica };
  });
  const latest = candidates[0]?.value;
  if (resolver === undefined || candidates.length < 2) return { value: latest, threw: undefined };
  try {
    return { value: resolver(key, candidates), threw: undefined };
  } catch (error) {
    return { value: latest, threw: error ?? new Error('the resolver threw nothing') };
  }
}
