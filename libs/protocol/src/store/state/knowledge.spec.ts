import fc from 'fast-check';
import { BUCKETS } from './key-map.js';
import { Knowledge } from './knowledge.js';
import { Origins } from './origins.js';
import { replicaOf } from './state.fixture.js';

function knowing(names: readonly string[] = ['a', 'b', 'c']) {
  const origins = new Origins(replicaOf('self'), 1_000);
  const of = (name: string) => origins.of(replicaOf(name));
  for (const name of names) of(name);
  return { origins, of, knowledge: new Knowledge(origins) };
}

describe('what is known', () => {
  it('is the clock in every bucket, and more only in buckets that a transfer has gone through (I1)', () => {
    const { origins, of, knowledge } = knowing();
    const a = of('a').index;
    origins.raise(of('a'), 3);
    knowledge.raiseBucket(7, [0, 5]);
    expect([
      knowledge.has(7, a, 5),
      knowledge.has(7, a, 6),
      knowledge.has(8, a, 5),
      knowledge.has(8, a, 3),
    ]).toEqual([true, false, false, true]);
    expect([knowledge.beyond(7), knowledge.beyond(8), knowledge.isPartial]).toEqual([
      [a, 5],
      undefined,
      true,
    ]);
  });

  it('of a bucket is never lowered by a second transfer that breaks off, too', () => {
    const { of, knowledge } = knowing();
    const [a, b] = [of('a').index, of('b').index];
    knowledge.raiseBucket(7, [0, 5, 1]);
    knowledge.raiseBucket(7, [0, 2, 4]);
    expect([knowledge.has(7, a, 5), knowledge.has(7, b, 4)]).toEqual([true, true]);
  });

  it('is the clock alone once every bucket was gone through', () => {
    const { origins, of, knowledge } = knowing();
    for (let bucket = 0; bucket < BUCKETS; bucket++) knowledge.raiseBucket(bucket, [0, 5]);
    knowledge.raiseAll([0, 5]);
    expect([knowledge.isPartial, knowledge.digest, of('a').counter]).toEqual([false, 0, 5]);
    expect(origins.vector()).toEqual([0, 5, 0, 0]);
  });

  it('stays ahead in a bucket that was read later than the first', () => {
    const { origins, of, knowledge } = knowing();
    knowledge.raiseBucket(1, [0, 5]);
    knowledge.raiseBucket(2, [0, 6]);
    knowledge.raiseAll([0, 5]);
    expect([knowledge.isPartial, knowledge.beyond(1), knowledge.beyond(2)]).toEqual([
      true,
      undefined,
      [of('a').index, 6],
    ]);
    origins.append(of('a'), 'k');
    expect([knowledge.beyond(2), knowledge.digest]).toEqual([undefined, 0]);
    knowledge.settle();
    expect(knowledge.isPartial).toBe(false);
  });

  it('includes what a single bucket knows, where a decree looks for void dots (P4)', () => {
    const { origins, of, knowledge } = knowing();
    origins.raise(of('b'), 9);
    knowledge.raiseBucket(7, [0, 5, 2]);
    expect(knowledge.highest()).toEqual([0, 5, 9, 0]);
  });

  it('has the same digest on two nodes exactly when buckets are ahead by the same dots (S8)', () => {
    const ahead = fc.array(
      fc.tuple(fc.nat({ max: 3 }), fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 3, max: 5 })),
      {
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(ahead, ahead, (some, others) => {
        const digestOf = (names: readonly string[], list: typeof some) => {
          const { origins, of, knowledge } = knowing(names);
          for (const name of names) origins.raise(of(name), 2);
          for (const [bucket, name, counter] of list) {
            const vector = origins.vector() as number[];
            vector[of(name).index] = counter;
            knowledge.raiseBucket(bucket, vector);
          }
          const dots = new Set<string>();
          for (let bucket = 0; bucket < 4; bucket++)
            for (const name of names)
              for (let counter = 3; knowledge.has(bucket, of(name).index, counter); counter++)
                dots.add(`${bucket}${name}${counter}`);
          return { digest: knowledge.digest, dots: [...dots].sort().join() };
        };
        const one = digestOf(['a', 'b', 'c'], some);
        const other = digestOf(['c', 'b', 'a'], others);
        expect(one.digest === other.digest).toBe(one.dots === other.dots);
        expect(one.digest === 0).toBe(one.dots === '');
      }),
    );
  });
});
