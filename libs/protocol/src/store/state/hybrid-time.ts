/**
 * Hybrid logical time (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS 2014) in one number: milliseconds since 1970 times
 * 2048, plus a count that tells apart what happens within one millisecond. It follows the wall clock and never runs behind
 * what was seen. It decides between concurrent writes only (S3); what is concurrent is decided by dots.
 */

const TICKS_PER_MS = 2_048;

export class HybridTime {
  private last = 0;

  constructor(private readonly skewMaxMs: number) {}

  /** A time later than all before it on this node, for a write. */
  next(wall: number): number {
    this.last = Math.max(this.last + 1, Math.floor(wall) * TICKS_PER_MS);
    return this.last;
  }

  /** Takes note of another node's time. One that is far ahead of the wall clock here must not drag everybody along. */
  see(time: number, wall: number): void {
    if (time > this.last)
      this.last = Math.min(time, Math.max(this.last, (Math.floor(wall) + this.skewMaxMs) * TICKS_PER_MS));
  }
}

export function wallOf(time: number): number {
  return Math.floor(time / TICKS_PER_MS);
}
