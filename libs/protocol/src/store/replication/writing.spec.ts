import { bytes, Fleet, textOf } from './fleet.fixture.js';
import { wallOf } from './state/hybrid-time.js';

describe('writes (S1, S2)', () => {
  it('reach every node and resolve at their level', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    const local = fleet.set(a, 'k', 'one', 'local');
    expect(a.results.get(local)).toBe('acked');
    const quorum = fleet.set(a, 'k', 'two', 'quorum');
    const all = fleet.set(a, 'k', 'three', 'all');
    expect(a.results.get(quorum)).toBeUndefined();
    fleet.run(50);
    expect([quorum, all].map((id) => a.results.get(id))).toEqual(['acked', 'acked']);
    expect([a, b, c].map((site) => fleet.get(site, 'k'))).toEqual(['three', 'three', 'three']);
  });

  it('are rejected after the timeout when too few nodes confirm', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.split([a], [b, c]);
    const id = fleet.set(a, 'k', 'alone');
    fleet.run(4_900);
    expect(a.results.get(id)).toBeUndefined();
    fleet.run(200);
    expect(a.results.get(id)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
  });

  it('are not confirmed by a node that missed one of them', () => {
    const fleet = Fleet.ready(3);
    const [a, , c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.crash(c);
    fleet.weather.loss = 1;
    const missed = fleet.set(a, 'k1', 'v');
    fleet.run(1);
    fleet.weather.loss = 0;
    const next = fleet.set(a, 'k2', 'v');
    fleet.run(8);
    expect(fleet.get(fleet.at(1), 'k2')).toBe('v');
    expect([missed, next].map((id) => a.results.get(id))).toEqual([undefined, undefined]);
    fleet.run(1_000);
    expect([missed, next].map((id) => a.results.get(id))).toEqual(['acked', 'acked']);
  });

  it('of all do not wait for a node that went down', () => {
    const fleet = Fleet.ready(3);
    const id = fleet.set(fleet.at(0), 'k', 'v', 'all');
    fleet.crash(fleet.at(2));
    fleet.run(50);
    expect(fleet.at(0).results.get(id)).toBe('acked');
  });
});

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
    expect(words(fleet)).toEqual(['third', 'third', 'third']);
    fleet.run(5_000);
    expect(words(fleet)).toEqual(['third', 'third', 'third']);
    expect(fleet.changes(b, 'k').map(({ node }) => node.name)).toEqual(['n0', 'n0']);
    expect(resolver).not.toHaveBeenCalled();
  });

  it('become one value again once all nodes hold them', () => {
    const fleet = Fleet.ready(3, { resolver: () => bytes('both') });
    fleet.set(fleet.at(0), 'k', 'a');
    fleet.set(fleet.at(1), 'k', 'b');
    fleet.run(5_000);
    const late = fleet.start('late');
    fleet.run(1_000);
    expect(words(fleet)).toEqual(['both', 'both', 'both', 'both']);
    expect(late.machine.status().conflicts).toBe(0);
  });
});

describe('clear', () => {
  it('deletes every key that is there', () => {
    const fleet = Fleet.ready(3);
    for (let at = 0; at < 5_000; at++) fleet.set(fleet.at(at % 3), `k${at}`, 'v');
    fleet.run(20);
    const id = fleet.ask(fleet.at(1), (ask) => ({ type: 'clear', id: ask, ack: 'all' }));
    fleet.run(50);
    expect(fleet.at(1).results.get(id)).toBe('acked');
    expect(fleet.alive.map(({ machine }) => machine.size)).toEqual([0, 0, 0]);
  });

  it('deletes what a node wrote whose clock is far ahead, and nothing that is written after it', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    b.skewMs = 10 * 60_000;
    fleet.set(b, 'old', 'from ahead');
    fleet.run(20);
    fleet.ask(a, (ask) => ({ type: 'clear', id: ask, ack: 'all' }));
    fleet.set(a, 'new', 'after it');
    fleet.run(50);
    expect(fleet.alive.map((site) => fleet.content(site))).toEqual([
      { new: 'after it' },
      { new: 'after it' },
    ]);
  });
});

describe('time that is wrong', () => {
  it('of one node neither drags the others along nor wins for ever', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    b.skewMs = 1_000 * 365 * 86_400_000;
    fleet.set(b, 'k', 'from far ahead');
    fleet.run(50);
    expect(fleet.get(a, 'k')).toBe('from far ahead');
    fleet.set(a, 'k', 'now');
    fleet.run(50);
    expect(fleet.get(b, 'k')).toBe('now');
    const { time = 0 } = a.machine.lookup('k') ?? {};
    expect(wallOf(time) - 1_700_000_000_000).toBeLessThan(10 * 60_000);
  });
});
