import fc from 'fast-check';
import { contextOf, counterIn, covers, raise, union } from './version-vector.js';

const vector = fc.array(fc.nat({ max: 5 }), { maxLength: 5 });

/** The dots that a vector stands for. */
const dotsOf = (numbers: readonly number[]): Set<string> =>
  new Set(
    numbers.flatMap((counter, origin) => Array.from({ length: counter }, (_, at) => `${origin}.${at + 1}`)),
  );

describe('a version vector', () => {
  it('stands for a set of dots: covering is to contain, and a union knows what either knows', () => {
    fc.assert(
      fc.property(vector, vector, (one, other) => {
        const [some, others] = [dotsOf(one), dotsOf(other)];
        expect(covers(one, other)).toBe([...others].every((dot) => some.has(dot)));
        expect(dotsOf(union(one, other))).toEqual(new Set([...some, ...others]));
        const context = contextOf(one);
        for (let origin = 0; origin < 6; origin++)
          for (let counter = 1; counter < 7; counter++)
            expect(context.has(origin, counter)).toBe(some.has(`${origin}.${counter}`));
      }),
    );
  });

  it('is never lowered, and knows nothing of an origin that it does not name', () => {
    const numbers: number[] = [];
    raise(numbers, 2, 7);
    raise(numbers, 2, 5);
    expect(numbers).toEqual([0, 0, 7]);
    expect([counterIn(numbers, 2), counterIn(numbers, 9), counterIn(undefined, 0)]).toEqual([7, 0, 0]);
  });
});
