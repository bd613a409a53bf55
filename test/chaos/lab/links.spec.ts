import { among, between, linkRules, together } from './links.js';

describe('the network', () => {
  it('is cut both ways between groups, and nowhere within one', () => {
    expect(between([1, 2], [3])).toEqual([
      [1, 3],
      [2, 3],
      [3, 1],
      [3, 2],
    ]);
    expect(among([1, 2, 3])).toHaveLength(6);
  });

  it('adds up what several faults do, and takes the greater loss', () => {
    const state = together([
      { cut: [[1, 2]], lossy: [[[2, 3], 5]] },
      { cut: [[1, 2]], lossy: [[[2, 3], 30]] },
    ]);
    expect(state).toEqual({ cut: [[1, 2]], lossy: [[[2, 3], 30]] });
  });

  it('replaces all rules in one step', () => {
    const rules = linkRules({ cut: [[1, 2]], lossy: [[[2, 3], 30]] });
    expect(rules).toContain('delete table bridge chaos');
    expect(rules).toContain('iifname "p1" oifname "p2" drop');
    expect(rules).toContain('iifname "p2" oifname "p3" numgen random mod 100 < 30 drop');
  });
});
