/**
 * The entries of a replica, and everything that changes them: its own writes, writes of others, states from a transfer,
 * expiry. Each change of what is visible is told exactly once (S6).
 */
import type { Resolver, StoreEffect } from '../machine.js';
import { Digests } from './digests.js';
import { siblingsOf, type Entry, type Replica, type Sibling, type StoredValue } from './entry.js';
import { Expiry } from './expiry.js';
import { EntryTable } from './entry-table.js';
import { bucketOf } from './key-map.js';
import type { Knowledge } from './knowledge.js';
import { merge } from './merge.js';
import type { Origins } from './origins.js';
import { earliestExpiry, hasExpired, resolve, sameDots } from './resolve.js';
import type { Context } from './version-vector.js';

/** Counts what a merge did, for the report of a recovery (P3). */
export interface Tally {
  merged(key: string): void;
  conflict(key: string): void;
  deleted(key: string): void;
}

/** Who made a change, as the application is told. */
export interface Cause {
  readonly node: Replica;
  readonly local: boolean;
  /** Time ran out, here or where the state comes from (S5). */
  readonly expired: boolean;
}

export class Entries {
  readonly table = new EntryTable();
  readonly digests = new Digests();
  readonly expiry = new Expiry((key, at) => this.table.get(key)?.expiresAt === at);
  conflicts = 0;
  resolverFailures = 0;
  tally: Tally | undefined;
  private readonly causes: Cause[] = [];
  /** Keys with more siblings than allowed; their owner writes the outcome at once (S3, W5). */
  readonly overfull = new Set<string>();

  constructor(
    private readonly origins: Origins,
    private readonly knowledge: Knowledge,
    /** Replaced when a copy that was made beside takes over (P4). */
    public tell: (effect: StoreEffect) => void,
    private readonly resolver: Resolver | undefined,
    private readonly siblingsMax: number,
    private readonly skewMaxMs: number,
  ) {}

  get size(): number {
    return this.table.size;
  }

  /** A write of this node, which has seen all that is here. */
  write(key: string, sibling: Sibling): void {
    const bucket = bucketOf(key);
    const cause = this.causeOf(sibling.origin);
    const entry = this.table.getIn(bucket, key);
    if (entry === undefined) this.create(key, bucket, sibling, cause);
    else this.replace(key, bucket, entry, sibling, cause);
  }

  /** A delete by this node, which has seen all that is here. */
  delete(key: string): void {
    const entry = this.table.get(key);
    if (entry !== undefined) this.remove(key, bucketOf(key), entry, this.causeOf(this.origins.self.index));
  }

  /**
   * One write of another node, in causal order; undefined = a delete. `context` is what the writer had seen.
   */
  apply(key: string, sibling: Sibling | undefined, origin: number, context: Context, wall: number): void {
    const bucket = bucketOf(key);
    const entry = this.table.getIn(bucket, key);
    const isSeen =
      entry?.siblings === undefined && (entry === undefined || context.has(entry.origin, entry.counter));
    const came = sibling === undefined || hasExpired(sibling, wall) ? undefined : sibling;
    if (!isSeen)
      return this.mergeKey(key, sibling === undefined ? [] : [sibling], context, this.at(origin), wall);
    const hasLapsed = sibling !== undefined && came === undefined;
    const cause = hasLapsed ? { ...this.causeOf(origin), expired: true } : this.causeOf(origin);
    if (came === undefined) {
      if (entry !== undefined) this.remove(key, bucket, entry, cause);
    } else if (entry === undefined) this.create(key, bucket, came, cause);
    else this.replace(key, bucket, entry, came, cause);
  }

  /** All siblings of a key as another node has them. */
  mergeKey(key: string, theirs: readonly Sibling[], context: Context, teller: Replica, wall: number): void {
    const bucket = bucketOf(key);
    const entry = this.table.getIn(bucket, key);
    if (entry === undefined && theirs.length <= 1) return this.take(key, bucket, theirs[0], wall);
    const known = { has: (origin: number, counter: number) => this.knowledge.has(bucket, origin, counter) };
    const mine = siblingsOf(entry);
    const merged = merge(mine, known, theirs, context, this.origins);
    if (merged.added.length === 0 && merged.removed.length === 0) return;
    const siblings = merged.siblings.filter((sibling) => !hasExpired(sibling, wall));
    const fresh = merged.added.filter((sibling) => !hasExpired(sibling, wall));
    const latest = fresh[0];
    const expired =
      merged.removed.every((sibling) => this.mayHaveExpired(sibling, wall)) ||
      fresh.length < merged.added.length;
    if (latest !== undefined || !expired) this.tally?.merged(key);
    const cause =
      latest === undefined ? { node: teller, local: false, expired } : this.causeOf(latest.origin);
    this.install(key, bucket, entry, siblings, cause, fresh.length > 0 && siblings.length > 1);
  }

  /** Removes what another node has replaced or deleted in a bucket: it knows the dot, and does not have it. */
  prune(bucket: number, has: Context, context: Context, teller: Replica, wall: number): void {
    for (const [key, entry] of this.table.bucket(bucket)) {
      const mine = siblingsOf(entry);
      const kept = mine.filter(
        ({ origin, counter }) => has.has(origin, counter) || !context.has(origin, counter),
      );
      if (kept.length === mine.length) continue;
      const expired = mine.every((sibling) => kept.includes(sibling) || this.mayHaveExpired(sibling, wall));
      if (!expired) this.tally?.merged(key);
      this.install(key, bucket, entry, kept, { node: teller, local: false, expired }, false);
    }
  }

  /** Time ran out: every node removes the sibling by itself, and nobody writes anything (S5). */
  expire(wall: number, limit: number): void {
    for (let count = 0; count < limit; count++) {
      const key = this.expiry.take(wall);
      const entry = key === undefined ? undefined : this.table.get(key);
      if (key === undefined || entry === undefined) return;
      const kept = siblingsOf(entry).filter((sibling) => !hasExpired(sibling, wall));
      const node = this.at(entry.origin);
      this.install(key, bucketOf(key), entry, kept, { node, local: false, expired: true }, false);
    }
  }

  /** Most keys of a first copy: there is nothing to merge with. */
  private take(key: string, bucket: number, sibling: Sibling | undefined, wall: number): void {
    if (sibling === undefined || this.knowledge.has(bucket, sibling.origin, sibling.counter)) return;
    if (hasExpired(sibling, wall)) return;
    this.tally?.merged(key);
    this.create(key, bucket, sibling, this.causeOf(sibling.origin));
  }

  private create(key: string, bucket: number, sibling: Sibling, cause: Cause): void {
    const { value, expiresAt, origin, counter } = sibling;
    this.table.add(bucket, key, sibling);
    this.digests.toggle(bucket, this.origins.at(origin), counter);
    this.watch(key, 0, expiresAt);
    this.written(key, value, undefined, cause);
  }

  private replace(key: string, bucket: number, entry: Entry, by: Sibling, cause: Cause): void {
    this.forgetDots(bucket, entry);
    this.table.update(bucket, key, by);
    this.digests.toggle(bucket, this.origins.at(by.origin), by.counter);
    this.watch(key, entry.expiresAt, by.expiresAt);
    this.written(key, by.value, entry.value, cause);
  }

  private remove(key: string, bucket: number, entry: Entry, cause: Cause): void {
    this.forgetDots(bucket, entry);
    this.table.delete(bucket, key);
    this.watch(key, entry.expiresAt, 0);
    if (!cause.expired) this.tally?.deleted(key);
    const { node, local, expired } = cause;
    const change = { type: 'deleted', key, previous: entry.value, node, local, expired } as const;
    this.tell({ type: 'change', change });
  }

  /** Any set of siblings takes the place of another one. */
  private install(
    key: string,
    bucket: number,
    entry: Entry | undefined,
    siblings: readonly Sibling[],
    cause: Cause,
    isConflict: boolean,
  ): void {
    const [latest] = siblings;
    if (latest === undefined) {
      if (entry !== undefined) this.remove(key, bucket, entry, cause);
      return;
    }
    if (siblings.length === 1 && entry === undefined) return this.create(key, bucket, latest, cause);
    if (entry !== undefined && sameDots(siblingsOf(entry), siblings)) return;
    const { value, threw } = resolve(key, siblings, this.resolver, this.origins);
    if (threw !== undefined) this.resolverFailures++;
    if (entry !== undefined) this.forgetDots(bucket, entry);
    for (const { origin, counter } of siblings) this.digests.toggle(bucket, this.origins.at(origin), counter);
    const expiresAt = earliestExpiry(siblings);
    const several = siblings.length > 1 ? siblings : undefined;
    const shown = { ...latest, value, expiresAt };
    if (entry === undefined) this.table.add(bucket, key, shown, several);
    else this.table.update(bucket, key, shown, several);
    this.watch(key, entry?.expiresAt ?? 0, expiresAt);
    if (siblings.length > this.siblingsMax) this.overfull.add(key);
    const previous = entry?.value;
    const isShown = previous !== undefined && (previous === value || previous.equals?.(value) === true);
    if (!isShown) this.written(key, value, previous, cause);
    if (!isConflict) return;
    this.conflicts++;
    this.tally?.conflict(key);
    this.tell({ type: 'conflict', key, siblings: siblings.length, threw });
  }

  /** A sibling that expired by the clock of another node is gone there without a dot (S5). */
  private mayHaveExpired(sibling: Sibling, wall: number): boolean {
    return hasExpired(sibling, wall + this.skewMaxMs);
  }

  private written(key: string, value: StoredValue, previous: StoredValue | undefined, cause: Cause): void {
    const { node, local } = cause;
    this.tell({ type: 'change', change: { type: 'written', key, value, previous, node, local } });
  }

  private forgetDots(bucket: number, entry: Entry): void {
    if (entry.siblings === undefined)
      this.digests.toggle(bucket, this.origins.at(entry.origin), entry.counter);
    else
      for (const { origin, counter } of entry.siblings)
        this.digests.toggle(bucket, this.origins.at(origin), counter);
  }

  /** The time at which an entry expires has changed; 0 = never. */
  private watch(key: string, former: number, until: number): void {
    if (former === until) return;
    if (former !== 0) this.expiry.living--;
    if (until === 0) return;
    this.expiry.living++;
    this.expiry.add(key, until);
  }

  private at(origin: number): Replica {
    return this.origins.at(origin).replica;
  }

  /** Made once for each origin, because there is one for each write. */
  private causeOf(origin: number): Cause {
    return (this.causes[origin] ??= {
      node: this.at(origin),
      local: origin === this.origins.self.index,
      expired: false,
    });
  }
}
