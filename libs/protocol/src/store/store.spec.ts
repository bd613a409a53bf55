import { Fleet } from './fleet.fixture.js';

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

  it('of all do not wait for a node that went down', () => {
    const fleet = Fleet.ready(3);
    const id = fleet.set(fleet.at(0), 'k', 'v', 'all');
    fleet.crash(fleet.at(2));
    fleet.run(50);
    expect(fleet.at(0).results.get(id)).toBe('acked');
  });
});
