/**
 * What becomes of concurrent writes to one key (S3): the interface that an application implements, and the resolvers that
 * come with it. All nodes call it by themselves with the same writes, and must get the same.
 */
import { isDeepStrictEqual, types } from 'node:util';
import type { ConflictingWrite } from '../ports/store-provider.js';

export interface ConflictResolver {
  /**
   * Called with two writes or more of which none has seen another, latest first. Must be quick, change nothing, and depend on
   * nothing but its arguments. When it throws, or returns what cannot be stored, the latest write is taken.
   */
  resolve(key: string, writes: readonly ConflictingWrite[]): unknown;
}

/** The latest write by hybrid time; the default. */
export function lastWriterWins(): ConflictResolver {
  return { resolve: (_key, writes) => byAge(writes).at(-1)?.value };
}

/**
 * Plain objects are merged field by field: each field from the latest write that has it. A field that one write left out
 * stays. Values that are no plain objects: the latest.
 */
export function mergeFields(): ConflictResolver {
  return {
    resolve: (_key, writes) => {
      const values = byAge(writes).map(({ value }) => value);
      if (!values.every(isRecord)) return values.at(-1);
      return Object.fromEntries(values.flatMap((value) => Object.entries(value)));
    },
  };
}

/** `Set`s and arrays: whatever is in any of them, once. What one write took out is back when another still had it. */
export function unionSets(): ConflictResolver {
  return {
    resolve: (_key, writes) => {
      const values = byAge(writes).map(({ value }) => value);
      if (values.every((value) => value instanceof Set || isTagged(value, 'Set')))
        return new Set(union(values));
      if (values.every(Array.isArray)) return union(values);
      return values.at(-1);
    },
  };
}

/** A counter as `addCounters` keeps it: what each node has added and taken away, under names of its own. */
export type Counter = Readonly<Record<string, number>>;

/** Counters that add: nothing that any node counted is lost. Write them with `countBy`, read them with `countOf`. */
export function addCounters(): ConflictResolver {
  return {
    resolve: (_key, writes) => {
      const values = byAge(writes).map(({ value }) => value);
      if (!values.every(isRecord)) return values.at(-1);
      const most = new Map<string, unknown>();
      for (const [name, count] of values.flatMap((value) => Object.entries(value))) {
        const before = most.get(name);
        if (typeof before !== 'number' || (typeof count === 'number' && count > before))
          most.set(name, count);
      }
      return Object.fromEntries(most);
    },
  };
}

/** The counter after `node`, this one, has added `by`; which may be negative. */
export function countBy(counter: Counter | undefined, node: string, by: number): Counter {
  const name = `${by < 0 ? '-' : '+'}${node}`;
  return { ...counter, [name]: (counter?.[name] ?? 0) + Math.abs(by) };
}

export function countOf(counter: Counter | undefined): number {
  return Object.entries(counter ?? {}).reduce(
    (sum, [name, count]) => sum + (name.startsWith('-') ? -count : count),
    0,
  );
}

/** The latest last; which of two is meant does not depend on the order in which they come. */
function byAge(writes: readonly ConflictingWrite[]): ConflictingWrite[] {
  return [...writes].sort((one, other) => one.at - other.at || (one.node < other.node ? -1 : 1));
}

function union(values: readonly unknown[]): unknown[] {
  const found = new Set<unknown>();
  const alike = new Map<string, unknown[]>();
  for (const item of values.flatMap((value) => [...(value as Iterable<unknown>)])) {
    if (typeof item === 'object' && item !== null) {
      const outline = outlineOf(item, 0);
      const known = alike.get(outline);
      if (known === undefined) alike.set(outline, [item]);
      else if (known.some((one) => isDeepStrictEqual(one, item))) continue;
      else known.push(item);
    }
    found.add(item);
  }
  return [...found];
}

/** Levels of a value that its outline tells of; deeper ones look alike. */
const OUTLINE_DEPTH = 8;

/**
 * The same for all that are equal, and different for most that are not: comparing each with each would hold up the node
 * for seconds when there are thousands (S7).
 */
function outlineOf(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  if (depth === OUTLINE_DEPTH) return '…';
  const inner = (part: unknown): string => outlineOf(part, depth + 1);
  if (types.isDate(value)) return `date ${value.getTime()}`;
  if (types.isUint8Array(value)) return `bytes ${textOf(value)}`;
  if (Array.isArray(value)) return `list [${value.map(inner).join()}]`;
  // Neither of these three is another for the order of what it holds.
  if (types.isSet(value)) return `set {${[...value].map(inner).sort().join()}}`;
  if (types.isMap(value)) return `map {${[...value].map(inner).sort().join()}}`;
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${inner(field)}`);
  return `fields {${fields.sort().join()}}`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && isTagged(value, 'Object');
}

function isTagged(value: unknown, tag: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${tag}]`;
}
