/**
 * How far word can have come: a bound from the outside, for what one node can, or must, have known of another.
 */
import type { Links, Way } from './records.js';

interface Span {
  readonly from: number;
  readonly to: number;
}

export class Reach {
  /** When each way surely let nothing through. */
  private readonly shut = new Map<string, Span[]>();
  /** When each way may have held something up. */
  private readonly doubtful = new Map<string, Span[]>();

  constructor(
    private readonly hosts: number,
    changes: readonly Links[],
  ) {
    for (const from of this.all())
      for (const to of this.all().filter((other) => other !== from)) {
        const name = nameOf([from, to]);
        const has = (ways: readonly Way[]) => ways.some((way) => nameOf(way) === name);
        this.shut.set(
          name,
          spans(
            changes,
            ({ cut }) => has(cut),
            ({ t1 }) => t1,
            ({ t0 }) => t0,
          ),
        );
        this.doubtful.set(
          name,
          spans(
            changes,
            ({ cut, lossy }) => has(cut) || has(lossy),
            ({ t0 }) => t0,
            ({ t1 }) => t1,
          ),
        );
      }
  }

  /** For each host when it can have heard at the earliest of what was on `host` at `t`; by any way, over any others. */
  earliest(host: number, t: number): ReadonlyMap<number, number> {
    const known = new Map([[host, t]]);
    const done = new Set<number>();
    for (;;) {
      const [next] = [...known].filter(([at]) => !done.has(at)).sort(([, one], [, other]) => one - other);
      if (next === undefined) return known;
      const [from, since] = next;
      done.add(from);
      for (const to of this.all()) {
        if (to === from) continue;
        const arrival = opensAt(this.shut.get(nameOf([from, to])) ?? [], since);
        if (arrival < (known.get(to) ?? Infinity)) known.set(to, arrival);
      }
    }
  }

  /** Whether what was on `from` at `t` can have been known on `to` by `by`. */
  canReach(from: number, t: number, to: number, by: number): boolean {
    return (this.earliest(from, t).get(to) ?? Infinity) <= by;
  }

  /** Whether everything passed between the two, both ways, all the time. */
  isSound(one: number, other: number, from: number, to: number): boolean {
    if (one === other) return true;
    const ways: Way[] = [
      [one, other],
      [other, one],
    ];
    return ways.every((way) =>
      (this.doubtful.get(nameOf(way)) ?? []).every((span) => span.to < from || span.from > to),
    );
  }

  private all(): number[] {
    return Array.from({ length: this.hosts }, (_, index) => index + 1);
  }
}

const nameOf = ([from, to]: Way): string => `${from}>${to}`;

function spans(
  changes: readonly Links[],
  isHit: (links: Links) => boolean,
  begins: (links: Links) => number,
  ends: (links: Links) => number,
): Span[] {
  const found: Span[] = [];
  let from: number | undefined;
  for (const links of changes) {
    if (isHit(links)) from ??= begins(links);
    else if (from !== undefined) {
      found.push({ from, to: ends(links) });
      from = undefined;
    }
  }
  if (from !== undefined) found.push({ from, to: Infinity });
  return found;
}

function opensAt(shut: readonly Span[], t: number): number {
  return shut.find((span) => span.from <= t && t < span.to)?.to ?? t;
}
