import type { ClusterStrategy } from '../ports/cluster-strategy.js';
import { readFacts, type StrategyFacts } from './strategy-facts.js';

/** As it comes from code that no compiler has seen. */
const told = (voters: unknown): (() => readonly string[]) => (() => voters) as () => readonly string[];
const named = (identity: unknown): (() => object) => (() => identity) as () => object;
const facts = (more: Partial<ClusterStrategy>): StrategyFacts =>
  readFacts({ name: 'mine', discover: () => Promise.resolve([]), ...more });
const fail = (): never => {
  throw new Error('the inventory is on fire');
};

describe('what a strategy says at start', () => {
  it('is taken as it is', () => {
    const identity = { name: 'shop-0', host: 'shop-0.shop' };
    expect(facts({ voters: () => ['a', 'b:1', 'a'], identity: () => identity, carriesPort: true })).toEqual({
      ...identity,
      voters: ['a', 'b:1'],
      carriesPort: true,
      complaints: [],
    });
    expect(facts({})).toEqual({ carriesPort: false, complaints: [] });
    expect(facts({ voters: told(undefined), identity: named(null) })).toEqual({
      carriesPort: false,
      complaints: [],
    });
  });

  it.each<[string, () => readonly string[]]>([
    ['throws', fail],
    ['gives a text', told('abc')],
    ['gives null', told(null)],
    ['gives a promise', told(Promise.resolve(['a']))],
    ['gives numbers', told([1, null, {}])],
    ['gives an empty name', told(['a', ''])],
    ['gives a million names', told(Array.from({ length: 1_000_000 }, (_, index) => `n${index}`))],
  ])('leaves this node without a vote when voters() %s (D3, L5)', (_, voters) => {
    const { complaints, voters: taken } = facts({ voters });
    expect(taken).toEqual(['']);
    expect(complaints).toHaveLength(1);
  });

  it.each<[string, () => object]>([
    ['throws', fail],
    ['gives a number for a name', named({ name: 7 })],
    ['gives a name with blanks', named({ name: 'a b' })],
    ['gives an object for a host', named({ name: 'a', host: {} })],
  ])('is passed over when identity() %s (D3)', (_, identity) => {
    expect(facts({ identity })).toEqual({ carriesPort: false, complaints: [expect.any(String)] });
  });
});
