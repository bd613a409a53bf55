import { ALL, Story } from '../history/story.fixture.js';

describe('S3', () => {
  it('is broken by a delete on one side that takes along what was written on the other', () => {
    const story = new Story()
      .write('1.1', 'a', 'v1', 1)
      .apart(1.5, [1, 2], [1, 3])
      .write('2.1', 'a', 'v2', 2)
      .delete('1.1', 'a', 3, { ack: 'local' })
      .cut(4)
      .settle(10, ALL, {});
    expect(story.by('s3')).toEqual([expect.stringMatching(/v2.*cannot have seen it/)]);
  });

  it('lets a delete take along what can have reached it', () => {
    const story = new Story()
      .apart(1, [1, 2])
      .write('1.1', 'a', 'v1', 2)
      .delete('2.1', 'a', 3)
      .settle(10, ALL, {});
    expect(story.broken()).toEqual([]);
  });

  it('is broken by a value that nobody wrote, or whose writer was refused', () => {
    const refused = { outcome: 'failed', code: 'CLUSTER_STORE_NOT_READY' } as const;
    const story = new Story().write('1.1', 'a', 'v1', 2, refused).settle(10, ALL, { a: 'v1', b: 'v9' });
    expect(story.by('s3')).toHaveLength(2);
  });

  it('is broken by a node that goes back to what it had replaced', () => {
    const story = new Story()
      .write('1.1', 'a', 'v1', 2)
      .write('1.1', 'a', 'v2', 3)
      .read('1.1', 'a', 'v1', 4)
      .settle(10, ALL, { a: 'v2' });
    expect(story.by('s3')).toHaveLength(1);
  });
});
