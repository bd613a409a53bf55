import { Fleet } from '../fleet.fixture.js';
import { HybridTime, wallOf } from './hybrid-time.js';

describe('time that is wrong', () => {
  it('of one node neither drags the others along nor wins for ever', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    b.skewMs = 1_000 * 365 * 86_400_000;
    fleet.set(b, 'k', 'from far ahead');
    fleet.run(50);
    expect(fleet.get(a, 'k')).toBe('from far ahead');
    fleet.set(a, 'k', 'now');
    fleet.run(50);
    expect(fleet.get(b, 'k')).toBe('now');
    const { time = 0 } = a.machine.lookup('k') ?? {};
    expect(wallOf(time) - 1_700_000_000_000).toBeLessThan(10 * 60_000);
  });
});

describe('hybrid time', () => {
  it('grows with every write, also when the wall clock stands still or goes back', () => {
    const time = new HybridTime(1_000);
    const times = [500, 500, 400, 501, 100].map((wall) => time.next(wall));
    expect(times).toEqual([...new Set(times)].sort((one, other) => one - other));
    expect(wallOf(times[3] ?? 0)).toBe(501);
  });

  it('follows what it has seen, by no more than the skew that is allowed', () => {
    const time = new HybridTime(1_000);
    const other = new HybridTime(1_000);
    time.see(other.next(700), 500);
    expect(wallOf(time.next(500))).toBe(700);
    time.see(other.next(9_000_000), 500);
    expect(wallOf(time.next(500))).toBe(1_500);
  });
});
