/**
 * How two states of one key become one (S3): what one side has replaced goes, what it has not seen stays. The result is the
 * same in whatever order, and however often, states are joined.
 *
 * A sibling is replaced when the other side's `seen` covers it, when its own writer wrote the key again, or when this node
 * holds its dot without having the sibling. What every replica holds is replaced by whatever comes new, because the writer
 * has seen it.
 */
import type { Entry, Sibling } from './entry.js';
import type { Origins } from './origins.js';

export interface KeyParts {
  readonly siblings: readonly Sibling[];
  readonly seen: readonly number[] | undefined;
}

export interface Joined extends KeyParts {
  /** Siblings that came from the other side. */
  readonly added: number;
  readonly removed: number;
}

export function partsOf(entry: Entry | undefined): KeyParts {
  if (entry === undefined) return { siblings: [], seen: undefined };
  if (entry.siblings !== undefined) return { siblings: entry.siblings, seen: entry.seen };
  const { origin, counter, value, time, expiresAt } = entry;
  return { siblings: [{ origin, counter, value, time, expiresAt }], seen: entry.seen };
}

/** Before any of its siblings is shown. */
export function blank({ origin, counter, time }: Sibling): Entry {
  return { value: undefined, time, expiresAt: 0, origin, counter, siblings: undefined, seen: undefined };
}

/** Whether `seen` covers a dot. */
export function covers(seen: readonly number[] | undefined, origin: number, counter: number): boolean {
  if (seen === undefined) return false;
  for (let at = 0; at < seen.length; at += 2) {
    if (seen[at] === origin) return counter <= (seen[at + 1] as number);
  }
  return false;
}

/** Whether a new write has seen the only one that is here. */
export function follows(entry: Entry, by: Sibling, seen: readonly number[] | undefined): boolean {
  if (entry.siblings !== undefined) return false;
  return entry.origin === by.origin ? entry.counter < by.counter : covers(seen, entry.origin, entry.counter);
}

/**
 * Joins what is here with what came. `floorOf` says which dots of an origin the sender knows to be settled: those of them
 * that it did not send it has replaced.
 */
export function join(
  here: KeyParts,
  came: KeyParts,
  origins: Origins,
  siblingsMax: number,
  floorOf: (origin: number) => number,
): Joined {
  const fresh = came.siblings.filter(
    (sibling) =>
      !origins.holds(sibling.origin, sibling.counter) &&
      find(here.siblings, sibling) === undefined &&
      !replaces(here, sibling),
  );
  const informed = fresh.some(({ origin }) => origins.at(origin).followsFloor);
  const isSettled = ({ origin, counter }: Sibling): boolean => counter <= floorOf(origin);
  // What the sender has made one of several goes by the dot of one of them.
  const hasMade = here.siblings.some(
    (sibling) => !find(came.siblings, sibling) && isSettled(sibling) && !replaces(came, sibling),
  );
  const kept = here.siblings.flatMap((sibling) => {
    const same = find(came.siblings, sibling);
    if (same !== undefined) return hasMade ? same : sibling;
    if (replaces(came, sibling) || isSettled(sibling)) return [];
    return informed && sibling.counter <= origins.at(sibling.origin).floor ? [] : sibling;
  });
  const siblings = fresh.length === 0 ? kept : [...kept, ...fresh].sort(latestFirst(origins));
  const left = siblings.splice(siblingsMax);
  const gone = here.siblings.filter((sibling) => find(kept, sibling) === undefined);
  return {
    siblings,
    seen: joinSeen(siblings, [here.seen, came.seen], [...gone, ...left]),
    added: fresh.length,
    removed: gone.length,
  };
}

/** The latest by hybrid time first; equal times by writer, so that all nodes order alike. */
export function latestFirst(origins: Origins): (one: Sibling, other: Sibling) => number {
  return (one, other) =>
    other.time - one.time || origins.compare(other.origin, one.origin) || other.counter - one.counter;
}

/** What these siblings have replaced: the greatest counter per origin, without what a sibling says by itself. */
export function joinSeen(
  siblings: readonly Sibling[],
  lists: readonly (readonly number[] | undefined)[],
  gone: readonly Sibling[],
): readonly number[] | undefined {
  const all: number[] = [];
  for (const list of lists) {
    if (list === undefined) continue;
    for (let at = 0; at < list.length; at += 2)
      raise(all, siblings, list[at] as number, list[at + 1] as number);
  }
  for (const { origin, counter } of gone) raise(all, siblings, origin, counter);
  return all.length === 0 ? undefined : all;
}

/** The same for one write that has seen the only one before it; most writes are like that. */
export function seenAfter(
  entry: Entry,
  by: Sibling,
  seen: readonly number[] | undefined,
): readonly number[] | undefined {
  const sameOrigin = entry.origin === by.origin;
  if (sameOrigin && entry.seen === undefined && seen === undefined) return undefined;
  const all: number[] = [];
  const one = [by];
  if (!sameOrigin) all.push(entry.origin, entry.counter);
  for (let at = 0; entry.seen !== undefined && at < entry.seen.length; at += 2) {
    raise(all, one, entry.seen[at] as number, entry.seen[at + 1] as number);
  }
  for (let at = 0; seen !== undefined && at < seen.length; at += 2) {
    raise(all, one, seen[at] as number, seen[at + 1] as number);
  }
  return all.length === 0 ? undefined : all;
}

function raise(all: number[], siblings: readonly Sibling[], origin: number, counter: number): void {
  for (const sibling of siblings) if (sibling.origin === origin && sibling.counter >= counter) return;
  for (let at = 0; at < all.length; at += 2) {
    if (all[at] !== origin) continue;
    if ((all[at + 1] as number) < counter) all[at + 1] = counter;
    return;
  }
  all.push(origin, counter);
}

function find(siblings: readonly Sibling[], wanted: Sibling): Sibling | undefined {
  return siblings.find(({ origin, counter }) => origin === wanted.origin && counter === wanted.counter);
}

/** A replica that writes a key has seen its own earlier writes of it, so a later dot of the same origin replaces. */
function replaces(parts: KeyParts, { origin, counter }: Sibling): boolean {
  return (
    covers(parts.seen, origin, counter) ||
    parts.siblings.some((other) => other.origin === origin && other.counter > counter)
  );
}
