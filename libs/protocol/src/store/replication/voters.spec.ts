/**
 * Where the deployment names its voters, others hold the store as well, and count for no quorum (S1, S2, L5, P2).
 */
import { Fleet } from './fleet.fixture.js';
import type { StoreOptions } from './options.js';

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

it('L5: where no voter is known, nothing is confirmed, and what waits for nobody still is', () => {
  const fleet = Fleet.ready(2, { voters: [''] });
  const [one] = fleet.sites;
  if (one === undefined) throw new Error('there is no node');
  const [local, quorum] = [fleet.set(one, 'a', 'v', 'local'), fleet.set(one, 'b', 'v')];
  fleet.run(6_000);
  expect(one.results.get(local)).toBe('acked');
  expect(one.results.get(quorum)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
});
