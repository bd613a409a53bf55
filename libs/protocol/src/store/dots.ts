/**
 * The dots of one origin that a node holds: everything up to `base`, and closed ranges above gaps. A node-wide clock is
 * one of these per origin (Gonçalves, Almeida, Baquero, Fonte: DottedDB, SRDS 2017), with ranges in place of a bitmap,
 * because after a cut it is long runs that are missing.
 */

/** Ascending, disjoint, not touching: from, to, from, to… */
export type Ranges = readonly number[];

/** A set of dots as it is read: of this node, or as another one told it. */
export interface DotSet {
  readonly base: number;
  readonly above: Ranges;
}

export const NO_DOTS: DotSet = { base: 0, above: [] };

export class Dots implements DotSet {
  base = 0;
  above: number[] = [];

  has(counter: number): boolean {
    return holds(this, counter);
  }

  /** Adds one dot. */
  add(counter: number): void {
    if (counter === this.base + 1) {
      this.base = counter;
      if (this.above.length > 0) this.absorb();
      return;
    }
    const end = this.above.length - 1;
    if (end > 0 && counter === (this.above[end] as number) + 1) this.above[end] = counter;
    else if (!this.has(counter)) this.addAll({ base: 0, above: [counter, counter] });
  }

  addAll(other: DotSet): void {
    const all = union(rangesOf(this), rangesOf(other));
    const whole = all[0] === 1;
    this.base = whole ? (all[1] as number) : 0;
    this.above = whole ? all.slice(2) : all;
  }

  /** Whatever is missing up to the greatest dot will never come. */
  close(): void {
    this.base = greatest(this);
    this.above = [];
  }

  private absorb(): void {
    while (this.above.length > 0 && (this.above[0] as number) <= this.base + 1) {
      this.base = Math.max(this.base, this.above[1] as number);
      this.above.splice(0, 2);
    }
  }
}

export function holds(dots: DotSet, counter: number): boolean {
  if (counter <= dots.base) return true;
  const { above } = dots;
  for (let at = 0; at < above.length && (above[at] as number) <= counter; at += 2) {
    if (counter <= (above[at + 1] as number)) return true;
  }
  return false;
}

export function greatest(dots: DotSet): number {
  return dots.above.length > 0 ? (dots.above[dots.above.length - 1] as number) : dots.base;
}

export function sameDots(one: DotSet, other: DotSet): boolean {
  return (
    one.base === other.base &&
    one.above.length === other.above.length &&
    one.above.every((bound, at) => bound === other.above[at])
  );
}

/** What `one` holds and `other` does not. */
export function missing(one: DotSet, other: DotSet): Ranges {
  if (one.above.length === 0 && one.base <= other.base) return [];
  const result: number[] = [];
  const holes = rangesOf(other);
  const ranges = rangesOf(one);
  for (let at = 0; at < ranges.length; at += 2) {
    let from = ranges[at] as number;
    const to = ranges[at + 1] as number;
    for (let hole = 0; hole < holes.length && from <= to; hole += 2) {
      const start = holes[hole] as number;
      const end = holes[hole + 1] as number;
      if (end < from) continue;
      if (start > to) break;
      if (start > from) result.push(from, start - 1);
      from = end + 1;
    }
    if (from <= to) result.push(from, to);
  }
  return result;
}

function rangesOf(dots: DotSet): Ranges {
  return dots.base > 0 ? [1, dots.base, ...dots.above] : dots.above;
}

function union(one: Ranges, other: Ranges): number[] {
  const result: number[] = [];
  let left = 0;
  let right = 0;
  while (left < one.length || right < other.length) {
    const takeLeft =
      right >= other.length || (left < one.length && (one[left] as number) <= (other[right] as number));
    const from = (takeLeft ? one[left] : other[right]) as number;
    const to = (takeLeft ? one[left + 1] : other[right + 1]) as number;
    if (takeLeft) left += 2;
    else right += 2;
    const end = result.length - 1;
    if (end > 0 && from <= (result[end] as number) + 1) result[end] = Math.max(result[end] as number, to);
    else result.push(from, to);
  }
  return result;
}
