/**
 * Chance as the protocol sees it: a function handed in, so that a seed replays a run (T2).
 */

/** A number in [0, 1). */
export type Random = () => number;

/**
 * A small generator with 32 bits of state (mulberry32, by Tommy Ettinger, public domain). Good enough to choose whom
 * to probe; never for a secret or an identity.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A random order of the items, in a new array. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    const item = order[last] as T;
    order[last] = order[chosen] as T;
    order[chosen] = item;
  }
  return order;
}

/** At most `count` of the items, each at most once, in random order. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
  return shuffled(items, random).slice(0, count);
}
