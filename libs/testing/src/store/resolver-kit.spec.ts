import { addCounters, countBy, countOf, lastWriterWins, mergeFields, unionSets } from '@nest-cluster/core';
import { checkResolver, expectResolver, type ConflictSample } from './resolver-kit.js';

const SAMPLES: readonly ConflictSample[] = [
  { key: 'texts', values: ['a', 'b', 'a'] },
  { key: 'objects', values: [{ a: 1, deep: { x: 1 } }, { b: 2 }, { a: 3, c: null }, {}] },
  { key: 'sets', values: [new Set([1, 2]), new Set([2, 3])] },
  {
    key: 'lists',
    values: [
      [1, { a: 1 }],
      [{ a: 1 }, 2],
    ],
  },
  { key: 'counters', values: [{ '+a': 1, '-b': 2 }, { '+a': 3 }, { '+c': 1 }] },
  { key: 'mixed', values: [{ a: 1 }, 'text', undefined, null] },
];

const rules = (resolve: (key: string, writes: readonly { value: unknown }[]) => unknown): string[] =>
  checkResolver({ resolve }, SAMPLES).map(({ rule }) => rule);

describe('checkResolver', () => {
  it.each([
    ['lastWriterWins', lastWriterWins()],
    ['mergeFields', mergeFields()],
    ['unionSets', unionSets()],
    ['addCounters', addCounters()],
  ])('finds nothing wrong with %s', (_, resolver) => {
    expect(checkResolver(resolver, SAMPLES)).toEqual([]);
    expect(() => expectResolver(resolver, SAMPLES)).not.toThrow();
  });

  it('finds what depends on order, chance, or its own past, and what throws or answers later', () => {
    expect(rules((_, writes) => writes[0]?.value)).toContain('dependsOnOrder');
    expect(rules(() => Math.random())).toContain('impure');
    let calls = 0;
    expect(rules(() => calls++)).toContain('impure');
    expect(rules((_, writes) => writes.map(({ value }) => (value as { a: number }).a))).toContain('throws');
    expect(rules(() => Promise.resolve(1))).toContain('cannotBeKept');
    expect(rules(() => () => 1)).toContain('cannotBeKept');
    expect(rules((_, writes) => (writes as { value: unknown }[]).splice(0))).toContain('changesItsArguments');
    expect(() => expectResolver({ resolve: () => Math.random() }, SAMPLES)).toThrow(/impure on texts/);
  });
});

describe('the resolvers that come with the store', () => {
  const resolve = (resolver: ReturnType<typeof mergeFields>, ...values: unknown[]): unknown =>
    resolver.resolve(
      'k',
      values.map((value, index) => ({ value, node: `n${index}`, at: 1_000 - index })),
    );

  it('merge fields, the latest write first, and keep a field named __proto__ a field', () => {
    expect(resolve(mergeFields(), { a: 1 }, { a: 2, b: 2 })).toEqual({ a: 1, b: 2 });
    const merged = resolve(mergeFields(), JSON.parse('{"__proto__": {"x": 1}}'), { a: 1 });
    expect(Object.keys(merged as object).sort()).toEqual(['__proto__', 'a']);
    expect(merged).not.toHaveProperty('x');
  });

  it('unite sets and lists', () => {
    expect(resolve(unionSets(), new Set([1]), new Set([2, 1]))).toEqual(new Set([1, 2]));
    expect(new Set(resolve(unionSets(), [1, { a: 1 }], [{ a: 1 }, 3]) as unknown[])).toEqual(
      new Set([1, { a: 1 }, 3]),
    );
  });

  it('add what all nodes counted', () => {
    const base = countBy(countBy(undefined, 'a', 5), 'b', 2);
    const [left, right] = [countBy(base, 'a', 3), countBy(countBy(base, 'b', -4), 'b', 1)];
    expect(countOf(resolve(addCounters(), left, right) as Record<string, number>)).toBe(7 + 3 - 4 + 1);
  });
});
