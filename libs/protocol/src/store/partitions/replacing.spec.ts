import type { Fleet, Site } from '../fleet.fixture.js';
import type { MergeReport } from '../machine.js';
import type { Choice, StoreMessage } from '../message.js';
import {
  allShown,
  choose,
  keep,
  metAgain,
  sidesShown,
  toAutomatic,
  waitingAt,
} from './partitions.fixture.js';

const SMALL = { options: { batchBytesMax: 4, joinTimeoutMs: 5_000 } };

const states = (site: Site): string[] => site.machine.status().partitions.map(({ state }) => state);

const reports = (site: Site): MergeReport[] =>
  site.effects.flatMap((effect) => (effect.type === 'partitionHealed' ? effect.report : []));

const tryWrite = (fleet: Fleet, site: Site): string | undefined =>
  site.results.get(fleet.set(site, 'tried', 'v', 'local'));

/** Keeps the first side, and stops when the losing node has taken a part of the copy. */
function copying(sizes: readonly number[] = [3, 2], seed = 1) {
  const { fleet, sides } = metAgain(sizes, { ...SMALL, seed });
  const loser = sides[1]?.[0] as Site;
  let parts = 0;
  fleet.letThrough = (message, _from, to) => {
    if (to === loser && message.type === 'chunk') parts++;
    return parts < 3 || message.type !== 'chunk';
  };
  choose(fleet, fleet.at(0), loser, keep(fleet.at(0)));
  fleet.run(100);
  return { fleet, sides, loser };
}

describe('a node of the side that was not kept (P4)', () => {
  it('answers from its store until the copy is whole, and takes no writes meanwhile', () => {
    const { fleet, loser } = copying();
    expect([sidesShown(fleet, loser), loser.machine.status().ready, states(loser)]).toEqual([
      '1',
      true,
      ['copying'],
    ]);
    const id = fleet.set(loser, 'new', 'v', 'local');
    expect(loser.results.get(id)).toBe('CLUSTER_STORE_NOT_READY');
    expect(loser.results.get(fleet.delete(loser, 'a1', 'local'))).toBe('CLUSTER_STORE_NOT_READY');
    fleet.letThrough = () => true;
    fleet.run(6_000);
    expect([sidesShown(fleet, loser), states(loser)]).toEqual(['0', ['healed']]);
    const after = fleet.set(loser, 'new', 'v', 'all');
    fleet.run(100);
    expect(loser.results.get(after)).toBe('acked');
  });

  it('fails writes that wait when the choice comes', () => {
    const { fleet, sides } = metAgain([3, 2], SMALL);
    const loser = sides[1]?.[0] as Site;
    const id = fleet.set(loser, 'new', 'v');
    choose(fleet, fleet.at(0), loser, keep(fleet.at(0)));
    fleet.run(200);
    expect(loser.results.get(id)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
    fleet.run(5_000);
    expect(fleet.alive.map((site) => fleet.get(site, 'new'))).toEqual(Array(5).fill(undefined));
  });

  it('tells listeners what the swap changed, each key once, and lists what was dropped (S6)', () => {
    const { fleet, sides } = metAgain([3, 2], SMALL);
    const [kept, lost] = sides as [Site[], Site[]];
    const before = lost.map((site) => fleet.changes(site).length);
    choose(fleet, fleet.at(0), fleet.at(3), keep(fleet.at(0)));
    fleet.run(5_000);
    for (const [at, site] of lost.entries()) {
      expect(fleet.heard(site)).toEqual(fleet.content(kept[0] as Site));
      const told = fleet.changes(site).slice(before[at]);
      expect(told.map(({ type, key }) => `${type} ${key}`).sort()).toEqual([
        'deleted a1',
        'deleted b1',
        'deleted c1',
        'written a0',
        'written b0',
        'written c0',
        'written shared',
      ]);
      const [report] = reports(site);
      expect([report?.dropped, [...(report?.droppedKeys ?? [])].sort()]).toEqual([
        4,
        ['a1', 'b1', 'c1', 'shared'],
      ]);
    }
    for (const site of kept) expect(reports(site)[0]).toMatchObject({ dropped: 0, droppedKeys: [] });
  });

  it('takes what the kept side writes while it copies', () => {
    const { fleet, loser } = copying();
    fleet.set(fleet.at(1), 'meanwhile', 'v', 'local');
    fleet.delete(fleet.at(1), 'a0', 'local');
    fleet.set(fleet.at(1), 'a0', 'again', 'local');
    fleet.letThrough = () => true;
    fleet.run(8_000);
    expect(fleet.content(loser)).toEqual(fleet.content(fleet.at(0)));
    expect(fleet.get(loser, 'meanwhile')).toBe('v');
  });

  function given(): ReturnType<typeof copying> {
    const rig = copying();
    const { fleet, sides, loser } = rig;
    fleet.split(...sides);
    fleet.letThrough = () => true;
    fleet.run(4_900);
    expect(tryWrite(fleet, loser)).toBe('CLUSTER_STORE_NOT_READY');
    fleet.run(1_000);
    expect(tryWrite(fleet, loser)).toBe('acked');
    expect(sidesShown(fleet, loser)).toBe('1');
    expect(states(loser)).toContain('waiting');
    fleet.heal();
    fleet.run(2_000);
    return rig;
  }

  it('keeps its store when the kept side is gone for `joinTimeoutMs`, and waits again on both sides', () => {
    const { fleet } = given();
    for (const site of fleet.alive) expect(waitingAt(site)).toHaveLength(1);
    toAutomatic(fleet);
    expect(allShown(fleet)).toEqual(['0+1']);
  });

  it.each<[string, (fleet: Fleet) => Choice, string]>([
    ['merge', () => ({ kind: 'merge' }), '0+1'],
    ['keep its own side', (fleet) => keep(fleet.at(3)), '1'],
    ['keep the same side as before', (fleet) => keep(fleet.at(0)), '0'],
  ])('that waits again can be chosen for again: to %s', (_, choiceOf, expected) => {
    const { fleet, loser } = given();
    const id = choose(fleet, fleet.at(1), loser, choiceOf(fleet));
    fleet.run(8_000);
    expect(fleet.at(1).results.get(id ?? -1)).toBe('acked');
    expect(allShown(fleet)).toEqual([expected]);
  });

  it('is not told of as a new partition once it has swapped', () => {
    const { fleet } = metAgain([3, 2], SMALL);
    choose(fleet, fleet.at(0), fleet.at(3), keep(fleet.at(0)));
    fleet.run(8_000);
    for (const { effects } of fleet.alive)
      expect(effects.filter(({ type }) => type === 'partitionDetected')).toHaveLength(1);
  });

  it('goes on with another node of the kept side when its source is gone', () => {
    const { fleet, loser } = copying();
    let source: Site | undefined;
    fleet.letThrough = (message, from, to) => {
      if (to === loser && message.type === 'chunk') source = from;
      return true;
    };
    fleet.run(5_000);
    if (source === undefined) throw new Error('nobody sends');
    fleet.crash(source);
    fleet.run(5_000);
    expect(allShown(fleet)).toEqual(['0']);
  });
});

describe('the copy of a kept side may end at any message (P4)', () => {
  const types: readonly StoreMessage['type'][] = [
    'decree',
    'clock',
    'pull',
    'chunk',
    'next',
    'held',
    'deltas',
    'resume',
  ];

  it.each<[string, (fleet: Fleet, from: Site, to: Site, sides: readonly (readonly Site[])[]) => void]>([
    ['its source dies', (fleet, from, to, [kept]) => fleet.crash(kept?.includes(from) === true ? from : to)],
    ['its taker dies', (fleet, from, to, [kept]) => fleet.crash(kept?.includes(from) === true ? to : from)],
    ['the link closes', (fleet, from, to) => fleet.unlink(from, to)],
    ['the sides part', (fleet, _from, _to, sides) => fleet.split(...sides)],
    ['it is lost', () => undefined],
  ])('when %s, and everybody ends with one side, or the merge, never with less', (_, cut) => {
    for (let at = 0, isOver = false; !isOver; at++) {
      const { fleet, sides } = metAgain([3, 2], SMALL);
      const [kept = []] = sides;
      let seen = 0;
      choose(fleet, fleet.at(1), fleet.at(3), keep(fleet.at(0)));
      fleet.letThrough = (message, from, to) => {
        const isAcross = kept.includes(from) !== kept.includes(to);
        if (!isAcross || !types.includes(message.type) || seen++ !== at) return true;
        cut(fleet, from, to, sides);
        return false;
      };
      fleet.run(400);
      isOver = seen <= at;
      for (const site of fleet.alive) expect(['0', '1', '0+1']).toContain(sidesShown(fleet, site));
      fleet.run(7_000);
      fleet.heal();
      fleet.run(8_000);
      for (const site of fleet.alive) {
        expect(site.machine.status().ready).toBe(true);
        expect(['0', '1', '0+1']).toContain(sidesShown(fleet, site));
        expect(fleet.heard(site)).toEqual(fleet.content(site));
        expect(states(site)).not.toContain('copying');
        expect(states(site)).not.toContain('merging');
      }
      toAutomatic(fleet);
      expect(allShown(fleet)).toHaveLength(1);
      for (const site of fleet.alive) expect(waitingAt(site)).toEqual([]);
    }
  });
});

describe('a losing side of which one node has swapped and another has not (P4)', () => {
  it('when the sides part: what differs waits on every node, and can be chosen for', () => {
    const { fleet, sides } = metAgain([3, 2], SMALL);
    const [kept, lost] = sides as [Site[], Site[]];
    choose(fleet, fleet.at(1), fleet.at(3), keep(fleet.at(0)));
    for (let ms = 0; ms < 1_000 && lost.every((site) => sidesShown(fleet, site) === '1'); ms += 0.5)
      fleet.run(0.5);
    const late = lost.find((site) => sidesShown(fleet, site) === '1');
    if (late === undefined) throw new Error('both have swapped');
    fleet.split(kept, lost);
    fleet.run(7_000);
    fleet.heal();
    fleet.run(8_000);
    if (allShown(fleet).length === 1) return;
    for (const site of fleet.alive)
      expect([site.info.name, waitingAt(site).length]).toEqual([site.info.name, 1]);
    choose(fleet, late, fleet.at(0), { kind: 'merge' });
    fleet.run(8_000);
    expect(allShown(fleet)).toEqual(['0+1']);
  });
});

describe('a node of the losing side that was away (P4)', () => {
  /** The last node of the losing side is cut off while the choice is carried out, and writes on by itself. */
  function straggler(hours: number) {
    const { fleet, sides } = metAgain([3, 3], SMALL);
    const away = sides[1]?.[2] as Site;
    fleet.split(
      [away],
      fleet.alive.filter((site) => site !== away),
    );
    fleet.set(away, 'own', 'v', 'local');
    fleet.delete(away, 'base', 'local');
    choose(fleet, fleet.at(0), fleet.at(3), keep(fleet.at(0)));
    fleet.run(5_000);
    fleet.set(fleet.at(3), 'later', 'v', 'local');
    fleet.run(hours * 3_600_000);
    return { fleet, away };
  }

  it.each([0.01, 5])(
    'and comes back %d hours later, copies the kept side, and revives or deletes nothing there',
    (hours) => {
      const { fleet, away } = straggler(hours);
      fleet.heal();
      fleet.run(10_000);
      expect(allShown(fleet)).toEqual(['0']);
      for (const site of fleet.alive) {
        expect(fleet.content(site)).toEqual(fleet.content(fleet.at(0)));
        expect([fleet.get(site, 'own'), fleet.get(site, 'later')]).toEqual([undefined, 'v']);
      }
      expect(reports(away).flatMap(({ droppedKeys }) => droppedKeys)).toEqual(
        expect.arrayContaining(['own', 'a1']),
      );
    },
  );

  it('and meets first a newcomer that copied the kept side, ends with the kept side (S4)', () => {
    const { fleet, away } = straggler(1);
    const late = fleet.start(
      'late',
      fleet.alive.filter((site) => site !== away),
    );
    fleet.run(2_000);
    fleet.meet(late, away);
    fleet.run(3_000);
    expect(sidesShown(fleet, late)).toBe('0');
    fleet.heal();
    fleet.run(10_000);
    expect(allShown(fleet)).toEqual(['0']);
  });

  it('and is restarted there, joins the kept side as any other node', () => {
    const { fleet, away } = straggler(1);
    fleet.crash(away);
    const again = fleet.start(away.info.name);
    fleet.run(5_000);
    expect([again.machine.status().ready, allShown(fleet)]).toEqual([true, ['0']]);
  });
});

describe('restarts during a `keep` (P4)', () => {
  it('of a losing node, at any time, end with the kept side everywhere', () => {
    for (const ms of [0, 1, 2, 4, 6, 10, 20, 50, 500]) {
      const { fleet, sides } = metAgain([3, 2], SMALL);
      const loser = sides[1]?.[0] as Site;
      choose(fleet, fleet.at(0), loser, keep(fleet.at(0)));
      fleet.run(ms);
      fleet.crash(loser);
      fleet.run(20);
      const again = fleet.start(loser.info.name);
      fleet.run(10_000);
      expect([again.machine.status().ready, allShown(fleet)]).toEqual([true, ['0']]);
      for (const site of fleet.alive) expect(waitingAt(site)).toEqual([]);
    }
  });

  it('of a node of the kept side, at any time, lose nothing of it', () => {
    for (const ms of [0, 1, 2, 4, 6, 10, 20, 50, 500]) {
      const { fleet, sides } = metAgain([3, 2], SMALL);
      const keeper = sides[0]?.[1] as Site;
      choose(fleet, fleet.at(0), sides[1]?.[0] as Site, keep(fleet.at(0)));
      fleet.run(ms);
      fleet.crash(keeper);
      fleet.run(20);
      fleet.start(keeper.info.name);
      fleet.run(15_000);
      for (const site of fleet.alive) expect(site.machine.status().ready).toBe(true);
      expect(allShown(fleet)).toEqual(['0']);
    }
  });
});

describe('three sides (P4)', () => {
  it('end as told by one choice after the other, and the one that was kept stays as it was', () => {
    const { fleet } = metAgain([2, 2, 2], SMALL);
    const [one, two, three] = [fleet.at(0), fleet.at(2), fleet.at(4)];
    choose(fleet, one, two, keep(one));
    fleet.run(8_000);
    expect(fleet.alive.map((site) => sidesShown(fleet, site))).toEqual(['0', '0', '0', '0', '2', '2']);
    choose(fleet, three, one, keep(three));
    fleet.run(10_000);
    expect(allShown(fleet)).toEqual(['2']);
    toAutomatic(fleet);
    expect(allShown(fleet)).toEqual(['2']);
  });

  it('of which the second was with the third for a while: keeping the first leaves the third what it wrote', () => {
    const { fleet } = metAgain([3, 1], SMALL);
    toAutomatic(fleet);
    fleet.give(fleet.at(0), { type: 'recovery', mode: 'manual' });
    fleet.run(2_000);
    const [a, b, c] = [fleet.sites.slice(0, 2), [fleet.at(2)], [fleet.at(3)]] as const;
    fleet.split(a, [...b, ...c]);
    fleet.set(c[0] as Site, 'of the third', 'v', 'local');
    fleet.run(2_000);
    fleet.split(b, c);
    fleet.set(b[0] as Site, 'of the second', 'v', 'local');
    fleet.run(2_000);
    fleet.heal();
    fleet.run(2_000);
    fleet.lead(fleet.at(0), 9);
    choose(fleet, fleet.at(0), b[0] as Site, keep(fleet.at(0)));
    fleet.run(10_000);
    expect(fleet.get(c[0] as Site, 'of the third')).toBe('v');
    expect(fleet.get(b[0] as Site, 'of the second')).toBeUndefined();
  });
});
