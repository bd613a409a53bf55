import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { unionSets } from './conflict-resolver.js';

const unite = (...values: unknown[]): unknown =>
  unionSets().resolve(
    'k',
    values.map((value, at) => ({ value, node: `n${at}`, at })),
  );

/** Each with each. */
function plainly(items: readonly unknown[]): unknown[] {
  const found = new Set<unknown>();
  for (const item of items) {
    const isKnown = [...found].some((known) => isDeepStrictEqual(known, item));
    if (typeof item !== 'object' || item === null || !isKnown) found.add(item);
  }
  return [...found];
}

const copyOf = (list: readonly unknown[]): unknown[] => structuredClone([...list]);

// From few parts, so that many are equal, and many nearly so.
const scalar = fc.constantFrom<unknown>(
  0,
  -0,
  1,
  NaN,
  1n,
  '1',
  'a',
  '',
  true,
  null,
  undefined,
  2n ** 70n,
  '1,number 1',
);
const { item } = fc.letrec<{ item: unknown }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.constantFrom(0, 1, NaN).map((at) => new Date(at)),
    fc.array(fc.constantFrom(0, 1), { maxLength: 2 }).map((bytes) => Uint8Array.from(bytes)),
    fc.array(tie('item'), { maxLength: 3 }),
    fc.array(tie('item'), { maxLength: 3 }).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('item'), tie('item')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', '__proto__', 'length'), tie('item')), { maxLength: 3 })
      .map((pairs): unknown => Object.fromEntries(pairs)),
  ),
}));
const items = fc.array(item, { maxLength: 12 });

const COUNT = 5_000;

describe('unionSets', () => {
  it('takes what is in any of them once, as comparing each with each would', () => {
    fc.assert(
      fc.property(items, items, (one, other) => {
        const [copy, again] = [copyOf(one), copyOf(other)];
        const expected = plainly([...one, ...other, ...copy, ...again]);
        // Whose objects are taken counts as well: of two that are equal, the first.
        const lists = unite(one, [...other, ...copy], again) as unknown[];
        expect(
          lists.length === expected.length && lists.every((each, at) => Object.is(each, expected[at])),
        ).toBe(true);
        const united = unite(new Set(one), new Set(other), new Set(copy), new Set(again)) as Set<unknown>;
        const ofSets = plainly([...new Set(one), ...new Set(other), ...new Set(copy), ...new Set(again)]);
        expect(isDeepStrictEqual([...united], ofSets)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, (at: number) => unknown]>([
    ['records', (at) => ({ kind: 'order', id: at, note: undefined })],
    ['records in records', (at) => ({ kind: 'order', of: { customer: { id: at } } })],
    ['lists', (at) => ['order', [at]]],
    ['maps', (at) => new Map([['id', { at }]])],
    ['sets', (at) => new Set([{ at }])],
    ['dates', (at) => new Date(at)],
    ['bytes', (at) => Uint8Array.of(at >> 8, at & 255)],
  ])('takes no time that anybody would wait for, with thousands of %s on each side (S7)', (_, make) => {
    const side = (from: number): unknown[] => Array.from({ length: COUNT }, (_each, at) => make(from + at));
    const [one, other] = [side(0), side(COUNT / 2)];
    const start = performance.now();
    const united = unite(one, other) as unknown[];
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(united).toHaveLength(1.5 * COUNT);
    expect(united.every((each, at) => isDeepStrictEqual(each, make(at)))).toBe(true);
  });
});
