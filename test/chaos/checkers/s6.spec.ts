import { ALL, Story } from '../history/story.fixture.js';

const subscribed = () => new Story().hear('2.1', 'hello', 1);
const written = (value: string) => ({ key: 'a', value });

describe('S6', () => {
  it('holds where each change is told once and in order', () => {
    const story = subscribed()
      .write('1.1', 'a', 'v1', 2)
      .hear('2.1', 'storeWritten', 2.1, written('v1'))
      .write('1.1', 'a', 'v2', 3)
      .hear('2.1', 'storeWritten', 3.1, written('v2'))
      .settle(10, ALL, { a: 'v2' });
    expect(story.broken()).toEqual([]);
  });

  it('is broken by a change that is told twice, or after what replaced it', () => {
    const told = (...values: string[]) => {
      const story = subscribed().write('1.1', 'a', 'v1', 2).write('1.1', 'a', 'v2', 3);
      values.forEach((value, at) => story.hear('2.1', 'storeWritten', 4 + at, written(value)));
      return story.settle(10, ALL, { a: 'v2' }).by('s6');
    };
    expect(told('v1', 'v2')).toEqual([]);
    expect(told('v1', 'v2', 'v2')).toHaveLength(1);
    expect(told('v2', 'v1', 'v2')).toHaveLength(1);
  });

  it('is broken by a change that is not told; what came in a gap of the stream is nobody’s fault', () => {
    const missed = subscribed().write('1.1', 'a', 'v1', 2).settle(10, ALL, { a: 'v1' });
    expect(missed.by('s6')).toHaveLength(1);
    const gap = subscribed().write('1.1', 'a', 'v1', 2).hear('2.1', 'reset', 3).settle(10, ALL, { a: 'v1' });
    expect(gap.by('s6')).toEqual([]);
    const kept = subscribed()
      .write('1.1', 'a', 'v1', 2)
      .hear('2.1', 'storeWritten', 2.1, written('v1'))
      .delete('1.1', 'a', 3)
      .settle(10, ALL, {});
    expect(kept.by('s6')).toHaveLength(1);
  });
});
