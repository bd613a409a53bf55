import { ALL, Story } from '../history/story.fixture.js';

const SIDES = [['n1'], ['n2', 'n3']];

describe('P1', () => {
  const node = { name: 'n2', incarnation: 'i2' };
  const upAgain = () =>
    new Story()
      .hear('1.1', 'hello', 1)
      .hear('1.1', 'nodeDown', 2, { node, reason: 'failed' })
      .hear('1.1', 'nodeUp', 3, { node })
      .hear('1.1', 'stateChanged', 60, { state: 'green' });

  it('is broken by a node that was failed and is met again, and no word of a partition', () => {
    expect(upAgain().by('p1')).toHaveLength(1);
    expect(upAgain().hear('1.1', 'partitionDetected', 4, { partition: 'p' }).by('p1')).toEqual([]);
  });

  it('holds where the partition was told of before and still waits for a choice', () => {
    const story = (healed: number) =>
      new Story()
        .hear('1.1', 'hello', 0.9)
        .hear('1.1', 'partitionDetected', 1, { partition: 'p' })
        .hear('1.1', 'partitionHealed', healed, { partition: 'p' })
        .hear('1.1', 'nodeDown', 2, { node, reason: 'failed' })
        .hear('1.1', 'nodeUp', 3, { node })
        .hear('1.1', 'stateChanged', 60, { state: 'green' });
    expect(story(20).by('p1')).toEqual([]);
    expect(story(1.5).by('p1')).toHaveLength(1);
  });

  it('waits until there is a way between the two, where one is up by hearsay', () => {
    expect(upAgain().apart(1, [1, 2]).cut(20).by('p1')).toEqual([]);
  });
});

describe('P2', () => {
  it('is broken by a minority that writes where it must not, or does not where it may', () => {
    const minority = { outcome: 'failed', code: 'CLUSTER_MINORITY' } as const;
    const red = () =>
      new Story({ minority: 'read-only' })
        .hear('1.1', 'hello', 1)
        .hear('1.1', 'stateChanged', 2, { state: 'red' });
    expect(red().write('1.1', 'a', 'v1', 4, { ack: 'local' }).by('p2')).toHaveLength(1);
    expect(red().write('1.1', 'a', 'v1', 4, minority).by('p2')).toEqual([]);
    expect(
      red().hear('1.1', 'stateChanged', 3, { state: 'yellow' }).write('1.1', 'a', 'v1', 4).by('p2'),
    ).toEqual([]);
    expect(new Story().write('1.1', 'a', 'v1', 4, minority).by('p2')).toHaveLength(1);
  });
});

describe('P3', () => {
  it('is broken by what a node wrote alone, for as long as its process lives', () => {
    const alone = () =>
      new Story().apart(1, [1, 2], [1, 3]).write('1.1', 'a', 'v1', 2, { ack: 'local' }).cut(5);
    expect(alone().settle(10, ALL, {}).by('p3')).toHaveLength(1);
    expect(alone().settle(10, ALL, { a: 'v1' }).broken()).toEqual([]);
    expect(alone().end(1, 4).begin(1, 6, 2).settle(10, ['1.2', '2.1', '3.1'], {}).by('p3')).toEqual([]);
  });

  it('is broken by a partition that is never over', () => {
    const told = () =>
      new Story()
        .hear('1.1', 'hello', 1)
        .hear('1.1', 'partitionDetected', 9, { partition: 'p' })
        .settle(10, ALL, {})
        .hear('1.1', 'stateChanged', 60, { state: 'green' });
    expect(told().by('p3')).toHaveLength(1);
    expect(told().hear('1.1', 'partitionHealed', 11, { partition: 'p' }).by('p3')).toEqual([]);
  });
});

describe('P4', () => {
  const apart = () =>
    new Story({ recovery: 'manual' })
      .write('1.1', 'before', 'v0', 0.9)
      .apart(1, [1, 2], [1, 3])
      .write('1.1', 'a', 'v1', 2, { ack: 'local' })
      .write('2.1', 'b', 'v2', 2)
      .cut(5)
      .choose(6, 'n1', SIDES);

  it('lets one side stay, the other, or both, and with each what was there before', () => {
    const outcomes: Record<string, string>[] = [{ a: 'v1' }, { b: 'v2' }, { a: 'v1', b: 'v2' }];
    for (const left of outcomes)
      expect(
        apart()
          .settle(10, ALL, { before: 'v0', ...left })
          .broken(),
      ).toEqual([]);
    expect(apart().settle(10, ALL, { a: 'v1' }).broken()).toEqual(['S2']);
  });

  it('is broken where each side has lost something, and by what still waits', () => {
    expect(apart().settle(10, ALL, { before: 'v0' }).broken()).toEqual(['P4']);
    expect(apart().settle(10, ALL, { before: 'v0', a: 'v1' }, { waiting: 1 }).broken()).toEqual(['P4']);
  });
});

describe('convergence', () => {
  it('is broken by stores that stay different, and by what takes too long', () => {
    const own = { '3.1': { a: 'v1' } };
    const write = () => new Story().write('1.1', 'a', 'v1', 2);
    expect(write().settle(10, ALL, { a: 'v1' }).broken()).toEqual([]);
    expect(write().settle(10, ALL, {}, { own }).by('convergence')).toHaveLength(2);
    expect(write().settle(40, ALL, { a: 'v1' }, { healedAt: 20 }).broken()).toEqual(['green', 'convergence']);
  });
});
