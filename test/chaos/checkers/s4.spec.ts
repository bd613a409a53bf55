import { ALL, Story } from '../history/story.fixture.js';

describe('S4', () => {
  it('is broken by what a confirmed delete had seen, and nothing else', () => {
    const seen = new Story().write('1.1', 'a', 'v1', 2).delete('1.1', 'a', 3).settle(10, ALL, { a: 'v1' });
    expect(seen.by('s4')).toEqual([expect.stringMatching(/is back/)]);
    const unseen = new Story().write('1.1', 'a', 'v1', 2).delete('2.1', 'a', 3).settle(10, ALL, { a: 'v1' });
    expect(unseen.broken()).toEqual([]);
    const unsure = new Story()
      .write('1.1', 'a', 'v1', 2)
      .delete('1.1', 'a', 3, { outcome: 'open' })
      .settle(10, ALL, { a: 'v1' });
    expect(unsure.broken()).toEqual([]);
  });

  it('knows what a delete had seen by way of what it saw', () => {
    const story = new Story()
      .write('1.1', 'a', 'v1', 2)
      .write('1.1', 'a', 'v2', 3)
      .read('2.1', 'a', 'v2', 4)
      .delete('2.1', 'a', 5)
      .settle(10, ALL, { a: 'v1' });
    expect(story.by('s4')).toHaveLength(1);
  });
});
