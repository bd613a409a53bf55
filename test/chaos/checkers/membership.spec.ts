import { Story } from '../history/story.fixture.js';

const node = (incarnation: string) => ({ node: { name: 'n2', incarnation }, reason: 'failed' });
const heard = (...events: readonly (readonly [event: string, incarnation: string])[]) => {
  const story = new Story().hear('1.1', 'hello', 1);
  events.forEach(([event, incarnation], at) => story.hear('1.1', event, 2 + at, node(incarnation)));
  return story;
};

describe('M1', () => {
  it('holds where up and down alternate, whatever came before the stream', () => {
    expect(heard(['nodeDown', 'a'], ['nodeUp', 'b'], ['nodeDown', 'b'], ['nodeUp', 'c']).by('m1')).toEqual(
      [],
    );
  });

  it('is broken by a second up, a second down, and a down of another life', () => {
    expect(heard(['nodeUp', 'a'], ['nodeUp', 'b']).by('m1')).toHaveLength(1);
    expect(heard(['nodeDown', 'a'], ['nodeDown', 'a']).by('m1')).toHaveLength(1);
    expect(heard(['nodeUp', 'a'], ['nodeDown', 'b']).by('m1')).toHaveLength(1);
  });
});

describe('P1', () => {
  it('is broken by a life that comes back without a word of the partition', () => {
    const silent = heard(['nodeDown', 'a'], ['nodeUp', 'a']).hear('1.1', 'stateChanged', 30, {
      state: 'green',
    });
    expect(silent.by('p1')).toHaveLength(1);
    const told = heard(['nodeDown', 'a'], ['nodeUp', 'a'], ['partitionDetected', 'a']);
    expect(told.hear('1.1', 'stateChanged', 30, { state: 'green' }).by('p1')).toEqual([]);
    const restarted = heard(['nodeDown', 'a'], ['nodeUp', 'b']);
    expect(restarted.hear('1.1', 'stateChanged', 30, { state: 'green' }).by('p1')).toEqual([]);
  });

  it('is broken by a node that is cut off from all and does not say so', () => {
    const story = (state: string) =>
      new Story()
        .hear('1.1', 'hello', 1)
        .hear('1.1', 'stateChanged', 2, { state: 'green' })
        .apart(3, [1, 2], [1, 3])
        .hear('1.1', 'stateChanged', 7, { state })
        .cut(40);
    expect(story('red').by('p1')).toEqual([]);
    expect(story('yellow').by('p1')).toHaveLength(1);
  });
});
