/**
 * The entries of a replica, and everything that changes them: a write of its own, a write of another replica, the state of
 * a key from a transfer, time running out, settling. Each change of what is visible is told exactly once (S6).
 */
import type { Effects } from './effects.js';
import type { Entry, EntryView, Sibling, StoredValue } from './entry.js';
import { Expiry } from './expiry.js';
import { blank, follows, join, joinSeen, partsOf, seenAfter, type KeyParts } from './join.js';
import { KeyMap } from './key-map.js';
import type { Resolver } from './machine.js';
import type { Origins } from './origins.js';
import { earliest, lapsed, resolve, sameWrites, visibleAmong } from './resolve.js';

/** What a merge did, while somebody counts (P3). */
export interface Tally {
  merged(key: string): void;
  conflict(key: string): void;
  deleted(key: string): void;
}

export class Entries {
  map = new KeyMap<Entry>();
  readonly expiry = new Expiry((key, at) => {
    const entry = this.map.get(key);
    return entry !== undefined && entry.value !== undefined && entry.expiresAt === at;
  });
  /** Keys that are visible. */
  size = 0;
  conflicts = 0;
  resolverFailures = 0;
  tally: Tally | undefined;
  /** Keys whose delete hides a write that came so late that others may have forgotten the delete. */
  readonly contested = new Set<string>();
  /** What was visible before a full copy began, without what that has brought. */
  private former: KeyMap<Entry> | undefined;

  constructor(
    private readonly origins: Origins,
    private readonly effects: Effects,
    private readonly resolver: Resolver | undefined,
    private readonly siblingsMax: number,
  ) {}

  /** Deletes that are still remembered (S4). */
  get deletes(): number {
    return this.map.size - this.size;
  }

  visible(): IterableIterator<readonly [string, EntryView]> {
    return visibleOf(this.map);
  }

  /** A write of this node, which has seen all that is here. Returns what it replaced of others. */
  write(key: string, sibling: Sibling): readonly number[] | undefined {
    const entry = this.map.get(key);
    if (entry === undefined) {
      this.create(key, sibling, undefined);
      return undefined;
    }
    const seen =
      entry.siblings === undefined
        ? seenAfter(entry, sibling, undefined)
        : joinSeen([sibling], [entry.seen], entry.siblings);
    this.replace(key, entry, sibling, seen);
    return seen;
  }

  /** A single write of another replica, whose dot is new here, and which had seen all up to `floorOf`. */
  apply(
    key: string,
    sibling: Sibling,
    seen: readonly number[] | undefined,
    wall: number,
    floorOf: (origin: number) => number,
  ): void {
    const current = lapsed(sibling, wall);
    const entry = this.map.get(key);
    if (entry === undefined) this.create(key, current, seen);
    else if (follows(entry, current, seen))
      this.replace(key, entry, current, seenAfter(entry, current, seen));
    else this.merge(key, { siblings: [current], seen }, wall, floorOf);
  }

  /** The whole state of a key as another node has it. */
  merge(key: string, came: KeyParts, wall: number, floorOf: (origin: number) => number): void {
    const entry = this.map.get(key);
    const [only, more] = came.siblings;
    if (entry === undefined && only !== undefined && more === undefined) {
      if (this.origins.holds(only.origin, only.counter)) return;
      // Most keys of a first copy: nothing to join with.
      this.tally?.merged(key);
      this.create(key, lapsed(only, wall), came.seen);
      return;
    }
    const here = partsOf(entry);
    const joined = join(
      { siblings: here.siblings.map((sibling) => lapsed(sibling, wall)), seen: here.seen },
      { siblings: came.siblings.map((sibling) => lapsed(sibling, wall)), seen: came.seen },
      this.origins,
      this.siblingsMax,
      floorOf,
    );
    if (joined.siblings.length === 0) return;
    if (joined.added === 0 && joined.removed === 0) {
      if (entry !== undefined) entry.seen = joined.seen;
      return;
    }
    this.tally?.merged(key);
    const conflict = joined.added > 0 && joined.siblings.length > 1;
    this.install(key, entry, joined, conflict);
  }

  /** Time ran out: every node lets go of the value by itself, and nobody writes anything (S5). */
  expire(wall: number, limit: number, expired: (key: string) => void): void {
    for (let count = 0; count < limit; count++) {
      const key = this.expiry.take(wall);
      if (key === undefined) return;
      const entry = this.map.get(key) as Entry;
      if (entry.siblings === undefined) this.show(key, entry, undefined, entry.expiresAt, true);
      else {
        const before = entry.siblings;
        entry.siblings = before.map((sibling) => lapsed(sibling, wall));
        this.showResolved(key, entry, before, entry.siblings, true);
      }
      expired(key);
    }
  }

  /**
   * Lets go of what no replica can ask about any more: the memory of a delete, of what a write replaced, and of siblings
   * whose outcome is the same everywhere (S4).
   */
  settle(key: string): void {
    const entry = this.map.get(key);
    if (entry === undefined) return;
    if (entry.seen !== undefined) entry.seen = this.origins.unsettled(entry.seen);
    const settled = (entry.siblings ?? [entry]).every(({ origin, counter }) =>
      this.origins.at(origin).isSettled(counter),
    );
    // What runs out changes what the siblings become, which one value could not tell.
    if (!settled || entry.seen !== undefined || earliest(entry.siblings ?? []) !== 0) return;
    entry.siblings = undefined;
    if (entry.value === undefined) this.map.delete(key);
  }

  /** Takes a key away without a trace: it is gone everywhere else (S4). */
  forget(key: string): void {
    const entry = this.map.get(key);
    if (entry === undefined) return;
    this.show(key, entry, undefined, 0, false);
    this.map.delete(key);
  }

  /** Drops everything, and keeps in mind what was visible, so that a full copy tells only what it changes (S6). */
  retire(): void {
    if (this.former === undefined) this.former = this.map;
    else for (const [key, entry] of this.map) if (entry.value !== undefined) this.former.set(key, entry);
    this.map = new KeyMap();
    this.size = 0;
    this.expiry.living = 0;
  }

  /** The full copy is complete: what is not in it is gone. */
  settleFormer(): void {
    const former = this.former ?? [];
    this.former = undefined;
    const node = this.origins.self.replica;
    for (const [key, { value: previous }] of former) {
      if (previous === undefined) continue;
      const change = { type: 'deleted', key, previous, node, local: false, expired: false } as const;
      this.effects.push({ type: 'change', change });
    }
  }

  private create(key: string, sibling: Sibling, seen: readonly number[] | undefined): void {
    const { origin, counter, time, value, expiresAt } = sibling;
    const entry: Entry = {
      value: undefined,
      time,
      expiresAt: value === undefined ? expiresAt : 0,
      origin,
      counter,
      siblings: undefined,
      seen: seen === undefined ? undefined : joinSeen([sibling], [seen], []),
    };
    this.map.set(key, entry);
    if (value !== undefined) this.show(key, entry, value, expiresAt, false);
  }

  private replace(key: string, entry: Entry, by: Sibling, seen: readonly number[] | undefined): void {
    entry.origin = by.origin;
    entry.counter = by.counter;
    entry.time = by.time;
    entry.siblings = undefined;
    entry.seen = seen;
    this.show(key, entry, by.value, by.expiresAt, false);
  }

  private install(key: string, before: Entry | undefined, parts: KeyParts, conflict: boolean): void {
    const latest = parts.siblings[0] as Sibling;
    const several = parts.siblings.length > 1;
    if (before === undefined && !several) return this.create(key, latest, parts.seen);
    const entry = before ?? blank(latest);
    if (before === undefined) this.map.set(key, entry);
    const siblings = partsOf(before).siblings;
    entry.origin = latest.origin;
    entry.counter = latest.counter;
    entry.time = latest.time;
    entry.siblings = several ? parts.siblings : undefined;
    entry.seen = parts.seen;
    const threw = this.showResolved(key, entry, siblings, parts.siblings, false);
    if (conflict && entry.value === undefined && parts.siblings.some((one) => this.isStable(one)))
      this.contested.add(key);
    if (!conflict) return;
    this.conflicts++;
    this.tally?.conflict(key);
    this.effects.push({ type: 'conflict', key, siblings: parts.siblings.length, threw });
  }

  /**
   * Makes visible what the resolver makes of siblings, until the first of them runs out; nothing changes when those that
   * count are the same as before. Returns what the resolver threw.
   */
  private showResolved(
    key: string,
    entry: Entry,
    before: readonly Sibling[],
    siblings: readonly Sibling[],
    expired: boolean,
  ): unknown {
    const isSame = entry.value !== undefined && sameWrites(visibleAmong(before), visibleAmong(siblings));
    const { value, threw } = isSame
      ? { value: entry.value, threw: undefined }
      : resolve(key, siblings, this.resolver, this.origins);
    if (threw !== undefined) this.resolverFailures++;
    const isShown = value !== undefined && (value === entry.value || entry.value?.equals?.(value) === true);
    if (isShown) this.keepUntil(key, entry, value, earliest(siblings));
    else this.show(key, entry, value, earliest(siblings), expired);
    return threw;
  }

  /** Makes a value visible, or none, keeps count, and tells. */
  private show(
    key: string,
    entry: Entry,
    value: StoredValue | undefined,
    expiresAt: number,
    expired: boolean,
  ): void {
    const former = this.former?.get(key)?.value;
    const previous = entry.value ?? former;
    const wasVisible = entry.value !== undefined;
    this.keepUntil(key, entry, value, expiresAt);
    const node = this.origins.at(entry.origin).replica;
    const local = entry.origin === this.origins.self.index && !expired;
    if (former !== undefined) this.former?.delete(key);
    if (value !== undefined) {
      if (!wasVisible) this.size++;
      if (former?.equals?.(value) === true) return;
      this.effects.push({ type: 'change', change: { type: 'written', key, value, previous, node, local } });
    } else if (previous !== undefined) {
      if (wasVisible) this.size--;
      this.tally?.deleted(key);
      this.effects.push({ type: 'change', change: { type: 'deleted', key, previous, node, local, expired } });
    }
  }

  private keepUntil(key: string, entry: Entry, value: StoredValue | undefined, until: number): void {
    const former = entry.value === undefined ? 0 : entry.expiresAt;
    if (former !== 0) this.expiry.living--;
    entry.value = value;
    entry.expiresAt = until;
    if (value === undefined || until === 0) return;
    this.expiry.living++;
    // One place for the same time is enough.
    if (until !== former) this.expiry.add(key, until);
  }

  private isStable({ origin, counter, value, expiresAt }: Sibling): boolean {
    return value === undefined && expiresAt === 0 && counter <= this.origins.at(origin).floor;
  }
}

function* visibleOf(map: KeyMap<Entry>): IterableIterator<readonly [string, EntryView]> {
  for (const pair of map) if (pair[1].value !== undefined) yield pair;
}
