/**
 * Which keys run out next (S5): a binary heap over wall-clock times. A key that is written again leaves its old place behind;
 * such places are skipped when they come up, and swept when they outnumber the living.
 */

interface Due {
  readonly at: number;
  readonly key: string;
}

/** Places that may be stale before a sweep is worth it. */
const STALE_MIN = 1_024;

export class Expiry {
  private heap: Due[] = [];
  /** Entries that carry an expiry, kept by the owner of the entries. */
  living = 0;

  /** `isCurrent` tells a place that still counts from a stale one. */
  constructor(private readonly isCurrent: (key: string, at: number) => boolean) {}

  add(key: string, at: number): void {
    if (this.heap.length > 2 * this.living + STALE_MIN) this.sweep();
    this.heap.push({ at, key });
    this.rise(this.heap.length - 1);
  }

  /** Places, stale ones included. */
  get length(): number {
    return this.heap.length;
  }

  /** Earliest time at which something may run out. */
  get next(): number {
    return this.heap[0]?.at ?? Infinity;
  }

  /** The next key that has run out, or undefined. */
  take(wall: number): string | undefined {
    for (let top = this.heap[0]; top !== undefined && top.at <= wall; top = this.heap[0]) {
      const last = this.heap.pop() as Due;
      if (this.heap.length > 0) {
        this.heap[0] = last;
        this.sink(0);
      }
      if (this.isCurrent(top.key, top.at)) return top.key;
    }
    return undefined;
  }

  private sweep(): void {
    const known = new Set<string>();
    this.heap = this.heap.filter(
      ({ key, at }) => this.isCurrent(key, at) && !known.has(key) && known.add(key),
    );
    for (let at = (this.heap.length >> 1) - 1; at >= 0; at--) this.sink(at);
  }

  private rise(at: number): void {
    const due = this.heap[at] as Due;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.heap[parent] as Due;
      if (above.at <= due.at) break;
      this.heap[at] = above;
      at = parent;
    }
    this.heap[at] = due;
  }

  private sink(at: number): void {
    const due = this.heap[at] as Due;
    for (;;) {
      let child = 2 * at + 1;
      const right = this.heap[child + 1];
      if (right !== undefined && right.at < (this.heap[child] as Due).at) child++;
      const below = this.heap[child];
      if (below === undefined || below.at >= due.at) break;
      this.heap[at] = below;
      at = child;
    }
    this.heap[at] = due;
  }
}
