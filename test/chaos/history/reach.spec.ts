import { Reach } from './reach.js';
import type { Links, Way } from './records.js';

const links = (t: number, ...cut: Way[]): Links => ({ type: 'links', t0: t, t1: t + 1, cut, lossy: [] });
const both = (one: number, other: number): Way[] => [
  [one, other],
  [other, one],
];

describe('reach', () => {
  it('goes by way of others, and waits where everything is cut', () => {
    const ring = new Reach(3, [links(10, ...both(1, 2)), links(50)]);
    expect(ring.canReach(1, 20, 2, 20)).toBe(true);
    const alone = new Reach(3, [links(10, ...both(1, 2), ...both(1, 3)), links(50)]);
    expect(alone.earliest(1, 20).get(2)).toBe(50);
    expect(alone.canReach(1, 20, 2, 49)).toBe(false);
    expect(alone.canReach(1, 9, 2, 10)).toBe(true);
  });

  it('is one way where the cut is', () => {
    const oneWay = new Reach(2, [links(10, [1, 2]), links(50)]);
    expect(oneWay.canReach(1, 20, 2, 40)).toBe(false);
    expect(oneWay.canReach(2, 20, 1, 20)).toBe(true);
  });

  it('is sound only where nothing may have been held up', () => {
    const reach = new Reach(2, [links(10, [1, 2]), links(50)]);
    expect(reach.isSound(1, 2, 0, 9)).toBe(true);
    expect(reach.isSound(1, 2, 0, 10)).toBe(false);
    expect(reach.isSound(1, 2, 51, 60)).toBe(false);
    expect(reach.isSound(1, 2, 52, 60)).toBe(true);
  });
});
