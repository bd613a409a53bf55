/**
 * Choices and modes that contradict, follow or outlive each other (P4).
 */
import { Fleet, type Site } from '../fleet.fixture.js';
import type { Decree } from '../message.js';
import { choose, keep, waitingAt } from './partitions.fixture.js';

function resolveAll(fleet: Fleet, at: Site): (string | undefined)[] {
  return waitingAt(at).map(({ id: partition }) => {
    const id = fleet.ask(at, (id) => ({ type: 'resolve', id, partition, choice: { kind: 'merge' } }));
    fleet.run(11_000);
    return at.results.get(id);
  });
}

/** Every node shows the same, and no partition waits. */
function expectOne(fleet: Fleet): void {
  for (const site of fleet.alive) {
    expect(waitingAt(site)).toEqual([]);
    expect(fleet.content(site)).toEqual(fleet.content(fleet.alive[0] as Site));
    expect(site.machine.status().replicas.inSync).toBe(fleet.alive.length - 1);
  }
}

/** A node that wrote, one that did not, and two that part while they wait; the last of them writes. */
function parted(blinks: boolean): readonly [Fleet, Site, Site, Site] {
  const fleet = Fleet.ready(4, { options: { recovery: 'manual' } });
  const [n0, n1, n2, n3] = fleet.sites as [Site, Site, Site, Site];
  fleet.lead(n0);
  fleet.split([n0, n1], [n2, n3]);
  fleet.split([n1, n2, n3], [n0]);
  fleet.set(n0, 'k0', 'v', 'local');
  fleet.heal();
  if (blinks) {
    fleet.unlink(n2, n0);
    fleet.meet(n2, n0);
  }
  fleet.run(3_000);
  fleet.split([n0, n2], [n1, n3]);
  fleet.heal();
  fleet.run(5);
  fleet.set(n3, 'k3', 'v', 'local');
  return [fleet, n0, n1, n2];
}

describe('a partition (P4)', () => {
  it('can be chosen for after another choice', () => {
    const [fleet, n0, n1] = parted(true);
    const id = choose(fleet, n0, n1, keep(n1));
    fleet.run(12_000);
    expect(n0.results.get(id ?? -1)).toBe('acked');
    for (const result of resolveAll(fleet, n0)) expect(result).toBe('acked');
    fleet.run(5_000);
    expectOne(fleet);
  });

  it('still waits for nodes of a side of which others were let in', () => {
    const [fleet, n0, n1, n2] = parted(false);
    fleet.run(2_000);
    choose(fleet, n0, n1, keep(n1));
    fleet.run(12_000);
    const isApart = (other: Site): boolean =>
      waitingAt(n0).some(({ sides }) => sides[1]?.nodes.some(({ name }) => name === other.info.name));
    expect(fleet.content(n0)).not.toEqual(fleet.content(n2));
    expect(isApart(n2)).toBe(true);
    expect(isApart(n1)).toBe(false);
    resolveAll(fleet, n0);
    fleet.run(5_000);
    expectOne(fleet);
  });

  it('ends once where both sides hold the same and a choice was cancelled', () => {
    const fleet = Fleet.ready(2, { size: 1, options: { recovery: 'manual' } });
    const [n0, n1] = fleet.sites as [Site, Site];
    fleet.lead(n0);
    fleet.set(n0, 'k', 'v', 'local');
    fleet.run(2_000);
    fleet.split([n0], [n1]);
    fleet.heal();
    fleet.letThrough = ({ type }) => type !== 'pull';
    fleet.run(5);
    expect(choose(fleet, n1, n0, keep(n1))).toBeDefined();
    fleet.run(10_000);
    fleet.letThrough = () => true;
    fleet.run(5_000);
    expectOne(fleet);
    const { sent } = fleet;
    fleet.run(10_000);
    expect(fleet.sent - sent).toBeLessThan(20);
  });
});

describe('two modes that are chosen at one time (P4)', () => {
  it('end as the same mode on all nodes', () => {
    const fleet = Fleet.ready(3);
    fleet.give(fleet.at(0), { type: 'recovery', mode: 'automatic' });
    fleet.give(fleet.at(1), { type: 'recovery', mode: 'manual' });
    fleet.run(1_000);
    for (const { machine } of fleet.sites) expect(machine.status().recovery).toBe('manual');
    fleet.give(fleet.at(0), { type: 'recovery', mode: 'automatic' });
    fleet.run(1_000);
    for (const { machine } of fleet.sites) expect(machine.status().recovery).toBe('automatic');
  });
});

describe('more decrees than are remembered (P4)', () => {
  const decree = (number: number, side: Site): Decree => ({
    id: `1-${number}`,
    token: 1,
    partition: 'p',
    choice: { kind: 'keep', side: side.info.incarnation },
    sides: [[], []],
    voided: [],
  });

  it('are forgotten alike on all nodes, in whatever order they came', () => {
    const fleet = Fleet.ready(3, { options: { decreesMax: 2 } });
    fleet.lead(fleet.at(0));
    for (const [at, site] of fleet.sites.entries())
      for (const number of [1, 2, 3]) {
        const which = 1 + ((number + at) % 3);
        const from = fleet.at((at + 1) % 3).info.incarnation;
        fleet.give(site, { type: 'message', from, message: { type: 'decree', decree: decree(which, site) } });
      }
    fleet.run(5_000);
    const { sent } = fleet;
    fleet.run(10_000);
    expect(fleet.sent - sent).toBeLessThan(60);
    expectOne(fleet);
  });
});
