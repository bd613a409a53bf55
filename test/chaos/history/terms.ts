/**
 * Terms of leaders as they were seen.
 */
import type { History } from './history.js';

export interface Term {
  readonly life: string;
  readonly token: number;
  /** It led for sure from here to there; the other way round when there was one yes alone. */
  readonly from: number;
  readonly to: number;
  /** When the first yes was asked for, and the last one had come: it may have led that long. */
  readonly since: number;
  readonly until: number;
}

/** In the order of their first yes. */
export function termsOf(history: History): readonly Term[] {
  const terms = new Map<string, Term>();
  for (const { life, token, t0, t1 } of history.of('lead')) {
    const name = `${life} ${token}`;
    const known = terms.get(name) ?? { life, token, from: t1, to: t0, since: t0, until: t1 };
    terms.set(name, {
      ...known,
      from: Math.min(known.from, t1),
      to: Math.max(known.to, t0),
      since: Math.min(known.since, t0),
      until: Math.max(known.until, t1),
    });
  }
  return [...terms.values()].sort((one, other) => one.since - other.since);
}
