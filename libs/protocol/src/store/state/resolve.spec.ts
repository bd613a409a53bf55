import { bytes, Fleet, textOf } from '../fleet.fixture.js';
import type { Resolver } from '../machine.js';

describe('concurrent writes (S3)', () => {
  const words = (fleet: Fleet): (string | undefined)[] => fleet.alive.map((site) => fleet.get(site, 'k'));

  it('show the later one everywhere when there is no resolver', () => {
    const fleet = Fleet.ready(3);
    fleet.set(fleet.at(0), 'k', 'early');
    fleet.mono += 0.5;
    fleet.set(fleet.at(1), 'k', 'late');
    fleet.run(50);
    expect(words(fleet)).toEqual(['late', 'late', 'late']);
    expect(fleet.alive.map(({ machine }) => machine.status().conflicts)).toEqual([1, 1, 1]);
  });

  it('go to the resolver in the same order on all nodes', () => {
    const fleet = Fleet.ready(3, {
      resolver: (key, candidates) =>
        bytes(`${key}:${candidates.map(({ value }) => textOf(value)).join('>')}`),
    });
    for (const site of fleet.alive) fleet.set(site, 'k', `from ${site.info.name}`);
    fleet.run(50);
    expect(new Set(words(fleet)).size).toBe(1);
    expect(words(fleet)[0]).toMatch(/^k:from n.>from n.>from n.$/);
    fleet.set(fleet.at(1), 'k', 'settled');
    fleet.run(50);
    expect(words(fleet)).toEqual(['settled', 'settled', 'settled']);
  });

  it('never reach the resolver when one has seen the other', () => {
    const resolver = jest.fn(() => bytes('never'));
    const fleet = Fleet.ready(3, { resolver });
    for (let round = 0; round < 30; round++) {
      fleet.set(fleet.at(round % 3), 'k', `${round}`);
      fleet.run(5);
    }
    expect(resolver).not.toHaveBeenCalled();
    expect(words(fleet)).toEqual(['29', '29', '29']);
  });

  it('take the latest when the resolver throws, which is counted and told', () => {
    const fleet = Fleet.ready(2, {
      resolver: () => {
        throw new Error('no idea');
      },
    });
    fleet.set(fleet.at(0), 'k', 'a');
    fleet.mono += 1;
    fleet.set(fleet.at(1), 'k', 'b');
    fleet.run(50);
    expect(words(fleet)).toEqual(['b', 'b']);
    for (const { machine, effects } of fleet.alive) {
      expect(machine.status().resolverFailures).toBe(1);
      expect(effects).toContainEqual(
        expect.objectContaining({ type: 'conflict', key: 'k', siblings: 2, threw: new Error('no idea') }),
      );
    }
  });

  it('are not made of a write that arrives after what replaced it', () => {
    const resolver = jest.fn(() => bytes('never'));
    const fleet = Fleet.ready(3, { resolver });
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.weather.delayMs = (from, to) => (from === c && to === b ? 80 : 1);
    fleet.set(c, 'k', 'first');
    fleet.run(2);
    fleet.set(a, 'k', 'second');
    fleet.run(2);
    fleet.set(a, 'k', 'third');
    fleet.run(5);
    expect(words(fleet)).toEqual(['third', undefined, 'third']);
    fleet.run(5_000);
    expect(words(fleet)).toEqual(['third', 'third', 'third']);
    expect(fleet.changes(b, 'k').map(({ node }) => node.name)).toEqual(['n2', 'n0', 'n0']);
    expect(resolver).not.toHaveBeenCalled();
  });

  it('stay side by side until the next write of the key, and a newcomer shows the same', () => {
    const resolver: Resolver = (_key, candidates) =>
      bytes([...candidates].map(({ value }) => textOf(value)).join('+'));
    const fleet = Fleet.ready(3, { resolver });
    fleet.set(fleet.at(0), 'k', 'a');
    fleet.mono += 1;
    fleet.set(fleet.at(1), 'k', 'b');
    fleet.run(5_000);
    fleet.start('late');
    fleet.run(1_000);
    expect(words(fleet)).toEqual(Array(4).fill('b+a'));
    fleet.set(fleet.at(3), 'k', 'one');
    fleet.run(50);
    expect(words(fleet)).toEqual(Array(4).fill('one'));
  });

  it('give what the resolver makes of what is left when one of them expires (S5)', () => {
    const resolver: Resolver = (_key, candidates) =>
      bytes([...candidates].map(({ value }) => textOf(value)).join('+'));
    const fleet = Fleet.ready(3, { resolver });
    fleet.set(fleet.at(0), 'k', 'a');
    fleet.mono += 1;
    fleet.set(fleet.at(1), 'k', 'b', 'quorum', 1_000);
    fleet.run(100);
    expect(words(fleet)).toEqual(Array(3).fill('b+a'));
    fleet.run(1_000);
    expect(words(fleet)).toEqual(Array(3).fill('a'));
  });

  it('of more nodes than may stand side by side come to rest as one write (S3, W5)', () => {
    const fleet = Fleet.ready(5, { options: { siblingsMax: 2 } });
    for (const site of fleet.alive) fleet.set(site, 'k', site.info.name, 'local');
    fleet.run(200);
    const { length } = fleet.changes(fleet.at(0), 'k');
    fleet.run(20);
    expect(fleet.changes(fleet.at(0), 'k')).toHaveLength(length);
  });

  it('of as many nodes as may stand side by side are not rewritten (S3, W5)', () => {
    const fleet = Fleet.ready(3, { options: { siblingsMax: 3 } });
    for (const site of fleet.alive) fleet.set(site, 'k', site.info.name, 'local');
    fleet.run(300);
    expect(new Set(words(fleet)).size).toBe(1);
    expect(fleet.alive.flatMap((site) => fleet.changes(site, 'k').filter(({ local }) => local))).toHaveLength(
      3,
    );
  });
});
