/**
 * Which key each recent dot of one origin changed, so that a peer that lacks a few dots gets those keys without a look at
 * the rest of the store (S8). Dots of one origin come without gaps, so the log is an array with a moving start.
 */

/** Dropped places at the front of the array before it is cut. */
const SLACK = 4_096;

export class ChangeLog {
  private keys: string[] = [];
  private head = 0;
  /** Every dot of the origin from this counter on is in the log. */
  from = 1;

  get length(): number {
    return this.keys.length - this.head;
  }

  /** Logs the dot that follows the latest one. */
  append(key: string): void {
    this.keys.push(key);
  }

  get(counter: number): string | undefined {
    return counter < this.from ? undefined : this.keys[this.head + counter - this.from];
  }

  /** Drops the oldest dots. */
  drop(count: number): void {
    const dropped = Math.min(count, this.length);
    this.head += dropped;
    this.from += dropped;
    if (this.head <= SLACK || this.head * 2 <= this.keys.length) return;
    this.keys = this.keys.slice(this.head);
    this.head = 0;
  }

  /** Restarts after dots whose keys are not known: a transfer brings states, not which dot changed which key. */
  restart(from: number): void {
    this.keys = [];
    this.head = 0;
    this.from = from;
  }
}
