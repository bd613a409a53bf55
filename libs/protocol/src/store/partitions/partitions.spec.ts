import { Fleet, type Site } from '../fleet.fixture.js';
import type { MergeReport, Partition, PartitionDiff } from '../machine.js';

function detected(site: Site): Partition[] {
  return site.effects.flatMap((effect) => (effect.type === 'partitionDetected' ? effect.partition : []));
}

function healed(site: Site): { readonly partition: Partition; readonly report: MergeReport }[] {
  return site.effects.flatMap((effect) => (effect.type === 'partitionHealed' ? effect : []));
}

function diffs(site: Site): PartitionDiff[] {
  return site.effects.flatMap((effect) => (effect.type === 'diff' ? effect.diff : []));
}

const names = (site: Site): string[] =>
  (site.machine.status().partitions[0]?.sides ?? [])
    .map(({ nodes }) => nodes.map(({ name }) => name).join(' '))
    .sort();

/** Five nodes in two sides of 3 and 2, each of which changed something the other did not see. */
function apart(recovery: 'automatic' | 'manual'): { fleet: Fleet; three: Site[]; two: Site[] } {
  const fleet = Fleet.ready(5, { options: { recovery } });
  fleet.lead(fleet.at(0));
  const three = fleet.sites.slice(0, 3);
  const two = fleet.sites.slice(3);
  const a = fleet.at(0);
  for (const key of ['same', 'conflict', 'gone here', 'gone there']) fleet.set(a, key, 'before');
  fleet.run(3_000);
  fleet.split(three, two);
  fleet.run(10);
  fleet.set(a, 'here', 'v', 'local');
  fleet.set(a, 'conflict', 'of three', 'local');
  fleet.delete(a, 'gone here', 'local');
  fleet.run(10);
  fleet.set(fleet.at(3), 'there', 'v', 'local');
  fleet.set(fleet.at(3), 'conflict', 'of two', 'local');
  fleet.delete(fleet.at(3), 'gone there', 'local');
  fleet.run(5_000);
  return { fleet, three, two };
}

const merged = { same: 'before', conflict: 'of two', here: 'v', there: 'v' };
const ofThree = { same: 'before', conflict: 'of three', here: 'v', 'gone there': 'before' };
const ofTwo = { same: 'before', conflict: 'of two', there: 'v', 'gone here': 'before' };

describe('while apart (P2)', () => {
  it('both sides write, or the minority is refused, as told', () => {
    for (const minority of ['available', 'read-only'] as const) {
      const fleet = Fleet.ready(3, { options: { minority } });
      fleet.split([fleet.at(0)], [fleet.at(1), fleet.at(2)]);
      const alone = fleet.set(fleet.at(0), 'a', 'v', 'local');
      const many = fleet.set(fleet.at(1), 'b', 'v', 'local');
      expect(fleet.at(0).results.get(alone)).toBe(minority === 'available' ? 'acked' : 'CLUSTER_MINORITY');
      expect(fleet.at(1).results.get(many)).toBe('acked');
    }
  });
});

describe('automatic recovery (P1, P3)', () => {
  it('merges at contact and tells once, on every node, who was apart and what was merged', () => {
    const { fleet } = apart('automatic');
    fleet.heal();
    fleet.run(2_000);
    for (const site of fleet.alive) {
      expect(fleet.content(site)).toEqual(merged);
      expect(detected(site)).toHaveLength(1);
      expect(healed(site)).toHaveLength(1);
      expect(names(site)).toEqual(['n0 n1 n2', 'n3 n4']);
      expect(healed(site)[0]?.report).toMatchObject({
        merged: 3,
        conflicts: 1,
        deletes: 1,
        conflictKeys: ['conflict'],
      });
    }
  });

  it('lists each node on one side, also when it was missed later than others', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.split([a], [c]);
    fleet.meet(c, a);
    fleet.run(20);
    fleet.split([b], [c]);
    fleet.meet(c, b);
    fleet.run(2_000);
    for (const { machine } of fleet.alive)
      for (const { sides } of machine.status().partitions) {
        const listed = sides.flatMap(({ nodes }) => nodes.map(({ name }) => name));
        expect(new Set(listed).size).toBe(listed.length);
      }
  });

  it('tells of a second partition as of the first', () => {
    const { fleet, three, two } = apart('automatic');
    fleet.heal();
    fleet.run(2_000);
    fleet.split(three, two);
    fleet.run(1_000);
    fleet.heal();
    fleet.run(2_000);
    for (const site of fleet.alive) expect([detected(site).length, healed(site).length]).toEqual([2, 2]);
  });

  it('does not take a restart for a partition', () => {
    const fleet = Fleet.ready(3);
    fleet.crash(fleet.at(2));
    fleet.run(1_000);
    fleet.start('n2');
    fleet.run(1_000);
    for (const site of fleet.alive) expect(detected(site)).toEqual([]);
  });
});

describe('manual recovery (P4)', () => {
  it('keeps the sides apart after contact, on all nodes, until told to merge', () => {
    const { fleet, three, two } = apart('manual');
    fleet.heal();
    fleet.run(10_000);
    for (const site of three) expect(fleet.content(site)).toEqual(ofThree);
    for (const site of two) expect(fleet.content(site)).toEqual(ofTwo);
    fleet.set(fleet.at(1), 'later', 'v', 'local');
    fleet.run(1_000);
    expect(fleet.get(fleet.at(2), 'later')).toBe('v');
    expect(fleet.get(fleet.at(3), 'later')).toBeUndefined();
    const ids = new Set(fleet.alive.map(({ machine }) => machine.status().partitions[0]?.id));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    const asked = fleet.ask(fleet.at(4), (ask) => ({
      type: 'resolve',
      id: ask,
      partition: id,
      choice: { kind: 'merge' },
    }));
    fleet.run(2_000);
    expect(fleet.at(4).results.get(asked)).toBe('acked');
    for (const site of fleet.alive) {
      expect(fleet.content(site)).toEqual({ ...merged, later: 'v' });
      expect([detected(site).length, healed(site).length]).toEqual([1, 1]);
      expect(site.machine.status().partitions).toMatchObject([{ state: 'healed' }]);
    }
  });

  it('asks nobody to choose between sides that hold the same', () => {
    const fleet = Fleet.ready(3, { options: { recovery: 'manual' } });
    fleet.set(fleet.at(0), 'k', 'v', 'all');
    fleet.run(3_000);
    fleet.split([fleet.at(0), fleet.at(1)], [fleet.at(2)]);
    fleet.run(3_000);
    fleet.heal();
    fleet.run(3_000);
    for (const site of fleet.alive) {
      expect(detected(site)).toHaveLength(1);
      expect(healed(site)).toHaveLength(1);
    }
    const id = fleet.set(fleet.at(2), 'k', 'w', 'all');
    fleet.run(100);
    expect(fleet.at(2).results.get(id)).toBe('acked');
  });

  it('shows first what a merge would do, which is what it then does', () => {
    const { fleet } = apart('manual');
    fleet.heal();
    fleet.run(1_000);
    const site = fleet.at(1);
    const partition = site.machine.status().partitions[0]?.id ?? '';
    fleet.ask(site, (id) => ({ type: 'diff', id, partition }));
    fleet.run(50);
    const [diff] = diffs(site);
    expect(diff?.sides).toMatchObject([
      { written: ['there'], deleted: ['gone there'], conflicts: ['conflict'], total: 3 },
    ]);
    expect([...(diff?.here.keys ?? [])].sort()).toEqual(['conflict', 'gone here', 'here']);
    fleet.ask(site, (id) => ({ type: 'resolve', id, partition, choice: { kind: 'merge' } }));
    fleet.run(2_000);
    expect(healed(site)[0]?.report).toMatchObject({ merged: 3, conflicts: 1, deletes: 1 });
  });

  it.each(['n1', 'n4'])('keeps the side of %s when told so, and lists what the other one lost', (keeper) => {
    for (const told of [0, 4]) {
      const { fleet, three, two } = apart('manual');
      fleet.heal();
      fleet.run(1_000);
      const kept = fleet.sites.find(({ info }) => info.name === keeper) as Site;
      const partition = fleet.at(told).machine.status().partitions[0]?.id ?? '';
      const choice = { kind: 'keep', side: kept.info.incarnation } as const;
      fleet.ask(fleet.at(told), (id) => ({ type: 'resolve', id, partition, choice }));
      fleet.run(3_000);
      const stays = keeper === 'n1' ? ofThree : ofTwo;
      for (const site of fleet.alive) {
        expect(fleet.content(site)).toEqual(stays);
        expect(site.machine.status().ready).toBe(true);
      }
      for (const site of keeper === 'n1' ? two : three) {
        const lost =
          keeper === 'n1' ? ['conflict', 'gone there', 'there'] : ['conflict', 'gone here', 'here'];
        expect(healed(site)[0]?.report.dropped).toBe(3);
        expect([...(healed(site)[0]?.report.droppedKeys ?? [])].sort()).toEqual(lost);
      }
      const id = fleet.set(fleet.at(4), 'after', 'v', 'all');
      fleet.run(6_000);
      expect(fleet.at(4).results.get(id)).toBe('acked');
      for (const site of fleet.alive) expect(fleet.content(site)).toEqual({ ...stays, after: 'v' });
    }
  });

  it('lists what was lost also where the choice is heard of only by its outcome', () => {
    const { fleet, three, two } = apart('manual');
    fleet.heal();
    fleet.run(1_000);
    const [teller] = three as [Site];
    const partition = teller.machine.status().partitions[0]?.id ?? '';
    for (const here of three) for (const there of two) fleet.unlink(here, there);
    const choice = { kind: 'keep', side: teller.info.incarnation } as const;
    fleet.ask(teller, (id) => ({ type: 'resolve', id, partition, choice }));
    fleet.run(50);
    fleet.heal();
    fleet.run(3_000);
    for (const site of two) {
      expect(fleet.content(site)).toEqual(ofThree);
      expect(healed(site)[0]?.report.dropped).toBe(3);
    }
  });

  it('merges what waits when switched to automatic, on any node', () => {
    const { fleet } = apart('manual');
    fleet.heal();
    fleet.run(1_000);
    fleet.give(fleet.at(2), { type: 'recovery', mode: 'automatic' });
    fleet.run(2_000);
    for (const site of fleet.alive) {
      expect(site.machine.status().recovery).toBe('automatic');
      expect(fleet.content(site)).toEqual(merged);
      expect(healed(site)).toHaveLength(1);
    }
  });

  it('is what a node that joins learns, which then belongs to the side that it copied', () => {
    const { fleet, three } = apart('manual');
    const late = fleet.start('late', three);
    fleet.run(1_000);
    fleet.heal();
    fleet.run(2_000);
    expect(fleet.content(late)).toEqual(ofThree);
    const last = fleet.start('last');
    fleet.run(2_000);
    expect([ofThree, ofTwo]).toContainEqual(fleet.content(last));
    fleet.give(last, { type: 'recovery', mode: 'automatic' });
    fleet.run(3_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual(merged);
  });

  it('refuses a choice for a partition that does not wait', () => {
    const fleet = Fleet.ready(2);
    const choice = { kind: 'merge' } as const;
    const id = fleet.ask(fleet.at(0), (ask) => ({ type: 'resolve', id: ask, partition: 'none', choice }));
    const run = fleet.ask(fleet.at(0), (ask) => ({ type: 'diff', id: ask, partition: 'none' }));
    expect([id, run].map((asked) => fleet.at(0).results.get(asked))).toEqual([
      'CLUSTER_PARTITION_UNKNOWN',
      'CLUSTER_PARTITION_UNKNOWN',
    ]);
  });
});
