/**
 * The entries of a replica by key. Fields are kept in pages of typed arrays, because an object for each entry would take
 * three times as much memory; what is read is a copy. Pages never move, so that growing takes no pause (S7).
 */
import type { Entry, Sibling, StoredValue } from './entry.js';
import { KeyMap } from './key-map.js';

/** Entries in a page. A power of two. */
const PAGE = 4_096;
const PAGE_BITS = 12;

interface Page {
  readonly values: (StoredValue | undefined)[];
  readonly times: Float64Array;
  readonly expiries: Float64Array;
  readonly counters: Float64Array;
  readonly origins: Uint32Array;
}

export class EntryTable {
  private readonly slots = new KeyMap<number>();
  private readonly pages: Page[] = [];
  /** All siblings of the few entries that have several. */
  private readonly several = new Map<number, readonly Sibling[]>();
  private readonly free: number[] = [];
  private used = 0;

  get size(): number {
    return this.slots.size;
  }

  /** The visible value, or undefined; the way of most reads, which makes no object and rarely looks at the clock. */
  value(key: string, readWall: () => number): StoredValue | undefined {
    const slot = this.slots.get(key);
    if (slot === undefined) return undefined;
    const page = this.pages[slot >>> PAGE_BITS] as Page;
    const expiresAt = page.expiries[slot & (PAGE - 1)] as number;
    return expiresAt === 0 || expiresAt > readWall() ? page.values[slot & (PAGE - 1)] : undefined;
  }

  has(key: string): boolean {
    return this.slots.get(key) !== undefined;
  }

  get(key: string): Entry | undefined {
    const slot = this.slots.get(key);
    return slot === undefined ? undefined : this.read(slot);
  }

  /** The same when the bucket is known. */
  getIn(bucket: number, key: string): Entry | undefined {
    const slot = this.slots.getIn(bucket, key);
    return slot === undefined ? undefined : this.read(slot);
  }

  /** Adds a key that is not there. `siblings`: all of them when there are several. */
  add(bucket: number, key: string, shown: Sibling, siblings?: readonly Sibling[]): void {
    const slot = this.free.pop() ?? this.used++;
    if (slot >>> PAGE_BITS === this.pages.length) this.pages.push(newPage());
    this.slots.add(bucket, key, slot);
    this.write(slot, shown, siblings);
  }

  /** Changes a key that is there. */
  update(bucket: number, key: string, shown: Sibling, siblings?: readonly Sibling[]): void {
    const slot = this.slots.getIn(bucket, key);
    if (slot !== undefined) this.write(slot, shown, siblings);
  }

  delete(bucket: number, key: string): void {
    const slot = this.slots.getIn(bucket, key);
    if (slot === undefined) return;
    this.slots.delete(bucket, key);
    this.several.delete(slot);
    (this.pages[slot >>> PAGE_BITS] as Page).values[slot & (PAGE - 1)] = undefined;
    this.free.push(slot);
    if (this.slots.size === 0) this.reset();
  }

  bucketSize(bucket: number): number {
    return this.slots.bucket(bucket).size;
  }

  *bucket(bucket: number): IterableIterator<readonly [string, Entry]> {
    for (const [key, slot] of this.slots.bucket(bucket)) yield [key, this.read(slot)];
  }

  /** Like a `Map`'s: an iteration may meet what is added meanwhile, and does not meet what is deleted before its turn. */
  *[Symbol.iterator](): IterableIterator<readonly [string, Entry]> {
    for (const [key, slot] of this.slots) yield [key, this.read(slot)];
  }

  /** Whether the dots of all siblings pass. Reads the arrays alone, so that a test can afford it after every step. */
  everyDot(test: (origin: number, counter: number) => boolean): boolean {
    for (let slot = 0; slot < this.used; slot++) {
      const page = this.pages[slot >>> PAGE_BITS] as Page;
      const at = slot & (PAGE - 1);
      if (page.values[at] === undefined) continue;
      if (!test(page.origins[at] as number, page.counters[at] as number)) return false;
    }
    for (const siblings of this.several.values())
      for (const { origin, counter } of siblings) if (!test(origin, counter)) return false;
    return true;
  }

  private write(slot: number, shown: Sibling, siblings: readonly Sibling[] | undefined): void {
    const page = this.pages[slot >>> PAGE_BITS] as Page;
    const at = slot & (PAGE - 1);
    page.values[at] = shown.value;
    page.times[at] = shown.time;
    page.expiries[at] = shown.expiresAt;
    page.counters[at] = shown.counter;
    page.origins[at] = shown.origin;
    if (siblings !== undefined) this.several.set(slot, siblings);
    else if (this.several.size > 0) this.several.delete(slot);
  }

  private read(slot: number): Entry {
    const page = this.pages[slot >>> PAGE_BITS] as Page;
    const at = slot & (PAGE - 1);
    return {
      value: page.values[at] as StoredValue,
      time: page.times[at] as number,
      expiresAt: page.expiries[at] as number,
      origin: page.origins[at] as number,
      counter: page.counters[at] as number,
      siblings: this.several.size === 0 ? undefined : this.several.get(slot),
    };
  }

  /** What was kept for the largest number of entries is not kept for ever. */
  private reset(): void {
    this.pages.length = 0;
    this.free.length = 0;
    this.used = 0;
  }
}

function newPage(): Page {
  return {
    values: Array.from({ length: PAGE }, () => undefined),
    times: new Float64Array(PAGE),
    expiries: new Float64Array(PAGE),
    counters: new Float64Array(PAGE),
    origins: new Uint32Array(PAGE),
  };
}
