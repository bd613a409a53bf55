/**
 * Checks a resolver of one's own against what the store asks of it (S3): every node calls it by itself and must come to the
 * same value. So it may depend on nothing but its arguments, must not change them, and had better not depend on the order in
 * which they come.
 */
import type { ConflictingWrite, ConflictResolver } from '@nest-cluster/core';

/** Concurrent writes to one key, such as the application may make. */
export interface ConflictSample {
  readonly key: string;
  readonly values: readonly unknown[];
}

export interface ResolverFault {
  readonly rule: 'throws' | 'impure' | 'changesItsArguments' | 'dependsOnOrder' | 'cannotBeKept';
  readonly key: string;
  readonly detail: string;
}

/** Orders of one sample that are tried. */
const ORDERS_MAX = 120;

/** Everything that is wrong with the resolver, as far as the samples show. */
export function checkResolver(
  resolver: ConflictResolver,
  samples: readonly ConflictSample[],
): readonly ResolverFault[] {
  return samples.flatMap((sample) => faultsOn(resolver, sample));
}

/** Throws with all faults named, for use in a test. */
export function expectResolver(resolver: ConflictResolver, samples: readonly ConflictSample[]): void {
  const faults = checkResolver(resolver, samples);
  if (faults.length === 0) return;
  const lines = faults.map(({ rule, key, detail }) => `  - ${rule} on ${key}: ${detail}`);
  throw new Error(`the resolver breaks what the store relies on:\n${lines.join('\n')}`);
}

function faultsOn(resolver: ConflictResolver, { key, values }: ConflictSample): ResolverFault[] {
  const fault = (rule: ResolverFault['rule'], detail: string): ResolverFault => ({ rule, key, detail });
  const results: unknown[] = [];
  for (const writes of orders(writesOf(values))) {
    const before = canonical(writes);
    try {
      const [first, second] = [resolver.resolve(key, writes), resolver.resolve(key, writes)];
      if (canonical(writes) !== before)
        return [fault('changesItsArguments', `they were ${before} and are ${show(writes)}`)];
      const kind = unkeepable(first);
      if (kind !== undefined) return [fault('cannotBeKept', `it returned ${kind}`)];
      if (canonical(first) !== canonical(second))
        return [fault('impure', `the same writes gave ${show(first)} and ${show(second)}`)];
      results.push(first);
    } catch (error) {
      return [fault('throws', error instanceof Error ? error.message : String(error))];
    }
  }
  const other = results.find((result) => canonical(result) !== canonical(results[0]));
  return results.length < 2 || other === undefined
    ? []
    : [
        fault(
          'dependsOnOrder',
          `the same writes in another order gave ${show(other)} in place of ${show(results[0])}`,
        ),
      ];
}

/** As if each had been written by another node, the first one latest; two of them at the same instant. */
function writesOf(values: readonly unknown[]): ConflictingWrite[] {
  return values.map((value, index) => ({
    value: structuredClone(value),
    node: `node-${index + 1}@test`,
    at: 1_790_000_000_000 - Math.max(0, index - 1),
  }));
}

function* orders<Item>(items: readonly Item[]): Generator<Item[]> {
  let left = ORDERS_MAX;
  function* permute(rest: readonly Item[], chosen: readonly Item[]): Generator<Item[]> {
    if (left <= 0) return;
    if (rest.length === 0) {
      left--;
      yield [...chosen];
    }
    for (const [index, item] of rest.entries())
      yield* permute([...rest.slice(0, index), ...rest.slice(index + 1)], [...chosen, item]);
  }
  yield* permute(items, []);
}

function unkeepable(value: unknown): string | undefined {
  if (value instanceof Promise) return 'a promise: a resolver answers at once';
  try {
    structuredClone(value);
    return undefined;
  } catch {
    return `${typeof value === 'function' ? 'a function' : 'something'} that cannot be stored`;
  }
}

/** The same text for equal values: the order of fields, and of what is in a `Map` or a `Set`, does not count. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (value instanceof Date || tag === 'Date') return `Date ${JSON.stringify(value)}`;
  const parts = isIterable(value)
    ? Array.from(value, canonical)
    : Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${canonical(field)}`);
  return `${tag} {${parts.sort().join()}}`;
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function show(value: unknown): string {
  const text = canonical(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
