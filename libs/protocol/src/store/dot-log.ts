/**
 * Which key each recent dot of one origin wrote, so that what another node lacks is found without reading the store (S8),
 * and what all hold is settled in the order in which it was written (S4). Bounded: what falls out is found by a scan.
 */

/** Leading keys that may stay in the array after they were taken, before it is cut. */
const SLACK = 4_096;
/** Dots that fall out with each that is added, once the log is full. */
const LOST_PER_ADD = 16;

export class DotLog {
  private keys: (string | undefined)[] = [];
  private head = 0;
  /** A log that was full drops all below. */
  private goal = 0;
  /** Every dot from this counter on that wrote a sibling which is still one is in the log. */
  from = 1;

  constructor(private readonly max: number) {}

  /** Keys that fall out, because the log is full, go to `lost`. */
  add(counter: number, key: string, lost: (key: string) => void): void {
    if (counter < this.from) return lost(key);
    const at = this.head + counter - this.from;
    if (at - this.head >= 2 * this.max) this.skipTo(counter, lost);
    else for (let hole = this.keys.length; hole < at; hole++) this.keys.push(undefined);
    this.keys[this.head + counter - this.from] = key;
    // A part of it, so that a transfer which has just begun may end; a little each time, so that no write waits for it.
    if (this.length > this.max) this.goal = this.from + (this.max >> 2);
    if (this.from < this.goal) this.skipTo(Math.min(this.goal, this.from + LOST_PER_ADD), lost);
  }

  get(counter: number): string | undefined {
    return counter < this.from ? undefined : this.keys[this.head + counter - this.from];
  }

  /** One past the greatest dot that is logged. */
  get to(): number {
    return this.from + this.length;
  }

  /** Drops the dot `from` and says which key it wrote; undefined when it is not known. */
  take(): string | undefined {
    if (this.length === 0) {
      this.from++;
      return undefined;
    }
    const key = this.keys[this.head];
    this.keys[this.head] = undefined;
    this.from++;
    this.head++;
    if (this.head > SLACK && this.head * 2 > this.keys.length) {
      this.keys = this.keys.slice(this.head);
      this.head = 0;
    }
    return key;
  }

  /** Forgets every dot below `counter`. */
  skipTo(counter: number, lost: (key: string) => void): void {
    while (this.from < counter && this.length > 0) {
      const key = this.take();
      if (key !== undefined) lost(key);
    }
    this.from = Math.max(this.from, counter);
  }

  private get length(): number {
    return this.keys.length - this.head;
  }
}
