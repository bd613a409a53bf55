/**
 * Which keys run out next (S5): a binary heap over wall-clock times. A key that is written again leaves its old place behind;
 * such places are skipped when they come up. When they outnumber the living, a new heap takes the old one's place, a few
 * leaves with each key that is added, so that no addition takes long.
 */

interface Due {
  readonly at: number;
  readonly key: string;
}

/** Places that may be stale before a sweep is worth it. */
const STALE_MIN = 1_024;
/** Places that are looked at for each that is added, while a sweep is under way. */
const SWEPT_PER_ADD = 4;

export class Expiry {
  private heap: Due[] = [];
  /** What a sweep has not looked at yet. */
  private old: Due[] = [];
  /** Entries that carry an expiry, kept by the owner of the entries. */
  living = 0;

  /** `isCurrent` tells a place that still counts from a stale one. */
  constructor(private readonly isCurrent: (key: string, at: number) => boolean) {}

  add(key: string, at: number): void {
    if (this.old.length > 0) this.sweep();
    else if (this.heap.length > 2 * this.living + STALE_MIN) [this.old, this.heap] = [this.heap, []];
    push(this.heap, { at, key });
  }

  /** Places, stale ones included. */
  get length(): number {
    return this.heap.length + this.old.length;
  }

  /** Earliest time at which something may run out. */
  get next(): number {
    return Math.min(this.heap[0]?.at ?? Infinity, this.old[0]?.at ?? Infinity);
  }

  /** The next key that has run out, or undefined. */
  take(wall: number): string | undefined {
    while (this.next <= wall) {
      const { key, at } = pop(this.heap[0]?.at === this.next ? this.heap : this.old);
      if (this.isCurrent(key, at)) return key;
    }
    return undefined;
  }

  /** Without its last leaf a heap is one still. */
  private sweep(): void {
    for (let count = 0; count < SWEPT_PER_ADD; count++) {
      const leaf = this.old.pop();
      if (leaf === undefined) return;
      if (this.isCurrent(leaf.key, leaf.at)) push(this.heap, leaf);
    }
  }
}

function push(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Due;
    if (above.at <= due.at) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = due;
}

/** Takes the earliest of a heap that is not empty. */
function pop(heap: Due[]): Due {
  const top = heap[0] as Due;
  const last = heap.pop() as Due;
  if (heap.length > 0) sink(heap, last);
  return top;
}

/** Puts one in at the top. */
function sink(heap: Due[], due: Due): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const right = heap[child + 1];
    if (right !== undefined && right.at < (heap[child] as Due).at) child++;
    const below = heap[child];
    if (below === undefined || below.at >= due.at) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = due;
}
