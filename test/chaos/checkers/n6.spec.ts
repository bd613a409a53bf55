import { Story } from '../history/story.fixture.js';

describe('N6', () => {
  it('is broken by a process that has to be killed, and not by one that is killed on purpose', () => {
    const story = new Story().end(1, 3);
    expect(story.broken()).toEqual([]);
    story.entries.push({ type: 'ended', life: '2.1', host: 2, t0: 4_000, t1: 34_000, how: 'stuck' });
    expect(story.by('n6')).toEqual([expect.stringMatching(/2\.1 was asked to end/)]);
  });
});
