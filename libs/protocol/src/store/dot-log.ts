/**
 * Which key each recent dot of one origin wrote, so that what another node lacks is found without reading the store (S8),
 * and what all hold is settled in the order in which it was written (S4). Bounded: what falls out is found by a scan.
 *
 * In blocks, so that dots that have not come cost nothing: the first that a joiner hears of may have millions before it,
 * and nobody may wait for those (S7).
 */

type Block = (string | undefined)[];

/** Dots in a block. */
const BLOCK = 256;
/** Dots that fall out with each that is added, once the log is full. */
const LOST_PER_ADD = 16;

export class DotLog {
  /** Those that hold a key; by the number of the block. */
  private readonly blocks = new Map<number, Block>();
  /** A log that was full drops all below. */
  private goal = 0;
  /** Every dot from this counter on that wrote a sibling which is still one is in the log. */
  from = 1;
  /** One past the greatest dot that is logged. */
  to = 1;

  constructor(private readonly max: number) {}

  /** Keys that fall out, because the log is full, go to `lost`. */
  add(counter: number, key: string, lost: (key: string) => void): void {
    if (counter < this.from) return lost(key);
    if (counter - this.from >= 2 * this.max) this.skipTo(counter, lost);
    this.put(counter, key);
    // A part of it, so that a transfer which has just begun may end; a little each time, so that no write waits for it.
    if (this.to - this.from > this.max) this.goal = this.from + (this.max >> 2);
    if (this.from < this.goal) this.skipTo(Math.min(this.goal, this.from + LOST_PER_ADD), lost);
  }

  get(counter: number): string | undefined {
    return counter < this.from ? undefined : this.blocks.get(blockOf(counter))?.[counter % BLOCK];
  }

  /** Drops the dot `from` and says which key it wrote; undefined when it is not known. */
  take(): string | undefined {
    const key = this.get(this.from);
    this.begin(this.from + 1);
    return key;
  }

  /** Forgets every dot below `counter`. */
  skipTo(counter: number, lost: (key: string) => void): void {
    const end = Math.min(counter, this.to);
    while (this.from < end) {
      if (!this.blocks.has(blockOf(this.from))) {
        this.begin(Math.min(end, (blockOf(this.from) + 1) * BLOCK));
        continue;
      }
      const key = this.take();
      if (key !== undefined) lost(key);
    }
    if (this.from < counter) this.begin(counter);
  }

  private put(counter: number, key: string): void {
    const number = blockOf(counter);
    const block = this.blocks.get(number);
    if (block !== undefined) block[counter % BLOCK] = key;
    else {
      const fresh: Block = [];
      fresh[counter % BLOCK] = key;
      this.blocks.set(number, fresh);
    }
    this.to = Math.max(this.to, counter + 1);
  }

  private begin(counter: number): void {
    const left = blockOf(this.from);
    this.from = counter;
    this.to = Math.max(this.to, counter);
    if (this.from === this.to) this.blocks.clear();
    else if (blockOf(counter) !== left) this.blocks.delete(left);
  }
}

function blockOf(counter: number): number {
  return Math.floor(counter / BLOCK);
}
