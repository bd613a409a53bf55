/**
 * What is to be done when, in a binary heap. Alarms are compared with the clock when an input is handled, after that input
 * (T3); those that judge a peer can be put off together after this node was paused itself.
 */

export interface Alarm {
  /** Monotonic time, in milliseconds. */
  at: number;
  /** Its ring is a step towards calling somebody dead. */
  readonly judges: boolean;
  /** Null once it was cancelled or rang. */
  ring: (() => void) | null;
}

export class Agenda {
  private heap: Alarm[] = [];
  private cancelled = 0;

  at(time: number, ring: () => void, judges = false): Alarm {
    const alarm: Alarm = { at: time, judges, ring };
    this.heap.push(alarm);
    this.rise(this.heap.length - 1);
    return alarm;
  }

  cancel(alarm: Alarm | null): void {
    if (!alarm?.ring) return;
    alarm.ring = null;
    this.cancelled++;
    if (this.cancelled > 64 && this.cancelled * 2 > this.heap.length) this.rebuild();
  }

  /** Monotonic time of the earliest alarm; Infinity when there is none. */
  next(): number {
    let top = this.heap[0];
    while (top && !top.ring) {
      this.pop();
      this.cancelled--;
      top = this.heap[0];
    }
    return top ? top.at : Infinity;
  }

  /** Rings everything that is due, also what is set meanwhile for no later than now. */
  ringDue(now: number): void {
    while (this.next() <= now) {
      const alarm = this.pop();
      const ring = alarm?.ring;
      if (!alarm || !ring) return;
      alarm.ring = null;
      ring();
    }
  }

  /** Gives everybody who waits to be judged that much more time. */
  putOffJudgement(byMs: number): void {
    for (const alarm of this.heap) if (alarm.judges) alarm.at += byMs;
    this.rebuild();
  }

  private rebuild(): void {
    this.heap = this.heap.filter((alarm) => alarm.ring);
    this.cancelled = 0;
    for (let index = (this.heap.length >> 1) - 1; index >= 0; index--) this.sink(index);
  }

  private pop(): Alarm | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (last && this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
    return top;
  }

  private rise(from: number): void {
    let index = from;
    while (index > 0 && this.swapIfEarlier(index, (index - 1) >> 1)) index = (index - 1) >> 1;
  }

  private sink(from: number): void {
    let index = from;
    for (;;) {
      const left = index * 2 + 1;
      const child = this.time(left + 1) < this.time(left) ? left + 1 : left;
      if (!this.swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  private time(index: number): number {
    return this.heap[index]?.at ?? Infinity;
  }

  private swapIfEarlier(lower: number, upper: number): boolean {
    const below = this.heap[lower];
    const above = this.heap[upper];
    if (!below || !above || below.at >= above.at) return false;
    this.heap[upper] = below;
    this.heap[lower] = above;
    return true;
  }
}
