import fc from 'fast-check';
import { Dots, greatest, holds, missing } from './dots.js';

const counters = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 });

function dotsOf(list: readonly number[]): Dots {
  const dots = new Dots();
  for (const counter of list) dots.add(counter);
  return dots;
}

function spread(ranges: readonly number[]): number[] {
  const list: number[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    for (let counter = ranges[at] ?? 0; counter <= (ranges[at + 1] ?? 0); counter++) list.push(counter);
  }
  return list;
}

describe('dots', () => {
  it('hold exactly what was added, in whatever order', () => {
    fc.assert(
      fc.property(counters, (list) => {
        const dots = dotsOf(list);
        const plain = new Set(list);
        for (let counter = 1; counter <= 42; counter++) expect(holds(dots, counter)).toBe(plain.has(counter));
        expect(greatest(dots)).toBe(Math.max(0, ...list));
        expect(plain.has(dots.base + 1)).toBe(false);
        expect(
          dots.above.every((bound, at) => at === 0 || at % 2 === 1 || bound > (dots.above[at - 1] ?? 0) + 1),
        ).toBe(true);
      }),
    );
  });

  it('tell what one has and another has not, and become equal by adding it', () => {
    fc.assert(
      fc.property(counters, counters, (one, other) => {
        const [here, there] = [dotsOf(one), dotsOf(other)];
        const plain = [...new Set(one)].filter((counter) => !other.includes(counter)).sort((a, b) => a - b);
        expect(spread(missing(here, there))).toEqual(plain);
        there.addAll(here);
        expect(missing(here, there)).toEqual([]);
        for (const counter of [...one, ...other]) expect(there.has(counter)).toBe(true);
      }),
    );
  });
});
