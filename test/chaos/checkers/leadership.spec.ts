import { Story } from '../history/story.fixture.js';

const led = (voters: 'size' | 'none' = 'size') =>
  new Story({ voters }).lead('1.1', 7, 1).lead('1.1', 7, 2).lead('1.1', 7, 3);

describe('L1', () => {
  it('is broken by two that lead at one time', () => {
    expect(led().lead('2.1', 8, 2.5).lead('2.1', 8, 4).by('l1')).toEqual([
      expect.stringMatching(/both lead for 499 ms/),
    ]);
  });

  it('holds where one follows the other, and where nobody promises it', () => {
    expect(led().lead('2.1', 8, 3.5).lead('2.1', 8, 4).broken()).toEqual([]);
    expect(led('none').lead('2.1', 8, 2.5).lead('2.1', 8, 4).broken()).toEqual([]);
  });
});

describe('L3', () => {
  it('is broken by a token that is not larger, or that two have', () => {
    expect(led().lead('2.1', 6, 4).by('l3')).toHaveLength(1);
    expect(led().lead('2.1', 7, 4).by('l3')).toHaveLength(1);
    expect(led().lead('2.1', 8, 4).lead('1.1', 9, 5).by('l3')).toEqual([]);
  });

  it('asks less where clocks were set and a majority forgot', () => {
    const story = led();
    story.entries.push({ type: 'clockStep', t: 3_100, host: 1, offMs: -60_000 });
    story.end(1, 3.2).end(2, 3.2).begin(1, 4, 2).begin(2, 4, 2).lead('2.2', 6, 5);
    expect(story.by('l3')).toEqual([]);
  });
});
