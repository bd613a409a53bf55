import { ALL, Story } from '../history/story.fixture.js';

const everything = (story: Story) => story.broken();

describe('S2', () => {
  it('holds where what was confirmed is there, or was replaced, or was deleted', () => {
    const story = new Story()
      .write('1.1', 'a', 'v1', 2)
      .write('1.1', 'b', 'v2', 2)
      .write('1.1', 'b', 'v3', 3)
      .write('2.1', 'c', 'v4', 2)
      .delete('2.1', 'c', 3)
      .settle(10, ALL, { a: 'v1', b: 'v3' });
    expect(everything(story)).toEqual([]);
  });

  it('is broken by a confirmed write that is gone, and not by one that nobody vouched for', () => {
    const lost = new Story().write('1.1', 'a', 'v1', 2).settle(10, ALL, {});
    expect(lost.by('s2')).toEqual([expect.stringMatching(/a = v1.*is gone; on 1\.1, 2\.1, 3\.1/)]);
    for (const outcome of ['open', 'failed', 'applied'] as const) {
      const unsure = new Story().write('1.1', 'a', 'v1', 2, { outcome }).settle(10, ALL, {});
      expect(everything(unsure)).toEqual([]);
    }
  });

  it('is broken by an older value that is back', () => {
    const story = new Story()
      .write('1.1', 'a', 'v1', 2)
      .write('1.1', 'a', 'v2', 3)
      .settle(10, ALL, { a: 'v1' });
    expect(story.by('s2')).toHaveLength(1);
  });

  it('lets either of two concurrent writes stay', () => {
    for (const a of ['v1', 'v2']) {
      const story = new Story()
        .write('1.1', 'a', 'v1', 2)
        .write('2.1', 'a', 'v2', 2.001)
        .settle(10, ALL, { a });
      expect(everything(story)).toEqual([]);
    }
  });

  it('owes nothing any more once a majority was lost at one time', () => {
    const both = new Story()
      .write('1.1', 'a', 'v1', 2)
      .end(1, 3)
      .end(2, 3.1)
      .begin(1, 4, 2)
      .begin(2, 4, 2)
      .settle(10, ['1.2', '2.2', '3.1'], {});
    expect(both.by('s2')).toEqual([]);
  });

  it('still owes it after restarts one by one, each ready before the next', () => {
    const rolled = new Story().write('1.1', 'a', 'v1', 2);
    for (const host of [1, 2, 3]) rolled.end(host, 3 * host).begin(host, 3 * host + 1, 2);
    expect(rolled.settle(20, ['1.2', '2.2', '3.2'], {}).by('s2')).toHaveLength(1);
  });

  it('counts a restart as a loss for as long as only those could supply it that had nothing', () => {
    // 1 never heard of it, and supplies 2; then 3 goes, which was the last to have it.
    const story = new Story()
      .apart(1.5, [1, 2], [1, 3])
      .write('3.1', 'a', 'v1', 2)
      .apart(3, [3, 1], [3, 2])
      .end(2, 4)
      .begin(2, 5, 2)
      .end(3, 7)
      .begin(3, 8, 2)
      .settle(20, ['1.1', '2.2', '3.2'], {});
    expect(story.by('s2')).toEqual([]);
  });

  it('is broken by a confirmation that no quorum can have given', () => {
    const story = new Story()
      .apart(1, [1, 2], [1, 3])
      .write('1.1', 'a', 'v1', 2)
      .cut(4)
      .settle(10, ALL, { a: 'v1' });
    expect(story.by('s2')).toHaveLength(1);
  });

  it('is broken by a node that showed it and then shows nothing', () => {
    const story = new Story()
      .write('1.1', 'a', 'v1', 2)
      .read('2.1', 'a', 'v1', 3)
      .read('2.1', 'a', null, 4)
      .settle(10, ALL, { a: 'v1' });
    expect(story.by('s2')).toEqual([expect.stringMatching(/was on 2\.1/)]);
  });
});
