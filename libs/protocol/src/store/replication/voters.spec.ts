/**
 * Where the deployment names its voters, others hold the store as well, and count for no quorum (S1, S2, L5, P2).
 */
import { Fleet } from '../fleet.fixture.js';
import type { StoreOptions } from '../options.js';

const VOTERS = ['n0', 'n1', 'n2'];

function cut(left: number, options?: Partial<StoreOptions>) {
  const fleet = Fleet.ready(5, { voters: VOTERS, ...(options && { options }) });
  const parts = [fleet.sites.slice(0, left), fleet.sites.slice(left)] as const;
  fleet.split(...parts);
  return { fleet, parts };
}

it('S2: two nodes without a vote confirm nothing to each other', () => {
  const { fleet } = cut(3);
  const [voter, guest] = [fleet.at(0), fleet.at(3)];
  const [taken, refused] = [fleet.set(voter, 'k', 'voters'), fleet.set(guest, 'k', 'guests')];
  fleet.run(6_000);
  expect(voter.results.get(taken)).toBe('acked');
  expect(guest.results.get(refused)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
});

it('S1: a write of a node without a vote waits for a quorum of those that have one', () => {
  const { fleet } = cut(1);
  const [voter, guest] = [fleet.at(1), fleet.at(3)];
  const together = fleet.set(guest, 'k', 'v');
  fleet.run(50);
  expect(guest.results.get(together)).toBe('acked');
  fleet.crash(voter);
  const alone = fleet.set(guest, 'k', 'w');
  fleet.run(6_000);
  expect(guest.results.get(alone)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
});

it('P2: of two sides at most one takes writes, however many guests the other has', () => {
  const { fleet } = cut(2, { minority: 'read-only' });
  fleet.run(100);
  const [majority, minority] = [fleet.at(0), fleet.at(3)];
  const [taken, refused] = [fleet.set(majority, 'k', 'v'), fleet.set(minority, 'k', 'w')];
  fleet.run(100);
  expect(majority.results.get(taken)).toBe('acked');
  expect(minority.results.get(refused)).toBe('CLUSTER_MINORITY');
});

it('L5: a node that knows no voter copies the store, confirms nothing, and answers what waits for nobody', () => {
  const fleet = Fleet.ready(2, { voters: ['n0', 'n1'] });
  const lost = fleet.start('lost', fleet.alive, [], ['']);
  fleet.run(1_000);
  expect(lost.machine.status().ready).toBe(true);
  const [local, quorum] = [fleet.set(lost, 'a', 'v', 'local'), fleet.set(lost, 'b', 'v')];
  fleet.run(6_000);
  expect(lost.results.get(local)).toBe('acked');
  expect(lost.results.get(quorum)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
});

it('S7: no store begins where no voter is known, nor among nodes without a vote', () => {
  for (const voters of [[''], ['n7', 'n8']]) {
    const fleet = new Fleet({ voters });
    for (const name of ['n0', 'n1', 'n2']) fleet.start(name);
    fleet.run(60_000);
    for (const site of fleet.alive) {
      expect(site.machine.status().ready).toBe(false);
      expect(site.results.get(fleet.set(site, 'k', 'v', 'local'))).toBe('CLUSTER_STORE_NOT_READY');
    }
  }
});

it('S7: a node without a vote is ready as soon as a quorum of voters has begun', () => {
  const fleet = new Fleet({ voters: VOTERS });
  const guest = fleet.start('n3');
  fleet.start('n0');
  fleet.run(10_000);
  expect(guest.machine.status().ready).toBe(false);
  fleet.start('n1');
  fleet.run(300);
  expect(fleet.alive.map(({ machine }) => machine.status().ready)).toEqual([true, true, true]);
});
