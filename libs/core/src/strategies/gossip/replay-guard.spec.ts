import { CLOCK_TOLERANCE_MS, ReplayGuard } from './replay-guard.js';

const NOW = 1_700_000_000_000;
const isNew = (guard: ReplayGuard, counter: number, incarnation = 'a'): boolean =>
  guard.check(incarnation, counter, NOW, NOW) === undefined;

describe('ReplayGuard (W4)', () => {
  it('takes each counter of an incarnation once, also when they overtake each other', () => {
    const guard = new ReplayGuard();
    const order = [5, 3, 4, 30, 29, 6, 36, 5, 35];
    const accepted = order.filter((counter) => isNew(guard, counter));
    expect(accepted).toEqual([5, 3, 4, 30, 29, 6, 36, 35]);
    expect(order.some((counter) => isNew(guard, counter))).toBe(false);
    expect(isNew(guard, 5, 'b')).toBe(true);
  });

  it('never takes one that lies far behind the highest', () => {
    const guard = new ReplayGuard();
    expect([isNew(guard, 1), isNew(guard, 1_000), isNew(guard, 969), isNew(guard, 968)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('takes no old recording of an incarnation that it does not know', () => {
    const guard = new ReplayGuard();
    const late = NOW + CLOCK_TOLERANCE_MS + 1;
    expect(guard.check('a', 1, NOW, late)).toMatch(/sent 300 s ago/);
    expect(guard.check('a', 1, late, NOW)).toMatch(/sent 300 s ahead/);
    expect(guard.check('a', 1, NOW, NOW + CLOCK_TOLERANCE_MS)).toBeUndefined();
  });

  it('remembers a bounded number of incarnations, those heard last (W5)', () => {
    const guard = new ReplayGuard(2);
    for (const incarnation of ['a', 'b']) isNew(guard, 1, incarnation);
    isNew(guard, 2, 'a');
    isNew(guard, 1, 'c');
    expect([isNew(guard, 2, 'a'), isNew(guard, 1, 'c')]).toEqual([false, false]);
    expect(isNew(guard, 1, 'b')).toBe(true);
  });
});
