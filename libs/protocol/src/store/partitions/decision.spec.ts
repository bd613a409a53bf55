import type { Fleet, Site } from '../fleet.fixture.js';
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

const resultOf = (site: Site, id: number | undefined): string | undefined => site.results.get(id ?? -1);

/** Does something when the message of a kind arrives for the given time. */
function when(
  fleet: Fleet,
  type: StoreMessage['type'],
  time: number,
  act: (from: Site, to: Site) => boolean,
): () => number {
  let seen = 0;
  fleet.letThrough = (message, from, to) => (message.type === type && seen++ === time ? act(from, to) : true);
  return () => seen;
}

describe('a choice (P4)', () => {
  it('is refused while nobody leads, and everything stays as it is', () => {
    const { fleet } = metAgain([3, 2]);
    fleet.lead(undefined, 2);
    const id = choose(fleet, fleet.at(1), fleet.at(3), { kind: 'merge' });
    fleet.run(5_000);
    expect(resultOf(fleet.at(1), id)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
    expect(fleet.alive.map((site) => sidesShown(fleet, site))).toEqual(['0', '0', '0', '1', '1']);
    for (const site of fleet.alive) expect(waitingAt(site)).toHaveLength(1);
  });

  it('is refused while the leader is out of reach, and by a leader who is none any more', () => {
    const { fleet } = metAgain([3, 2]);
    const [leader, , , asked] = fleet.sites as [Site, Site, Site, Site];
    fleet.unlink(leader, asked);
    const first = choose(fleet, asked, fleet.at(1), { kind: 'merge' });
    expect(resultOf(asked, first)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
    fleet.meet(leader, asked);
    fleet.run(100);
    fleet.give(leader, { type: 'leader', leader: undefined, token: 1 });
    const second = choose(fleet, asked, leader, { kind: 'merge' });
    fleet.run(100);
    expect(resultOf(asked, second)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
  });

  it('is refused after a while by a leader without a quorum, and does not count', () => {
    const { fleet } = metAgain([3, 2]);
    const leader = fleet.at(0);
    fleet.letThrough = ({ type }) => type !== 'survey';
    const id = choose(fleet, fleet.at(1), fleet.at(3), keep(leader));
    fleet.run(20_000);
    expect(resultOf(fleet.at(1), id)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
    expect(fleet.alive.map((site) => sidesShown(fleet, site))).toEqual(['0', '0', '0', '1', '1']);
  });

  it('is decided by the leader for whoever asks, on either side', () => {
    for (const at of [0, 1, 3, 4]) {
      const { fleet } = metAgain([3, 2]);
      const other = fleet.at(at < 3 ? 3 : 0);
      const id = choose(fleet, fleet.at(at), other, keep(fleet.at(4)));
      fleet.run(5_000);
      expect(resultOf(fleet.at(at), id)).toBe('acked');
      expect(allShown(fleet)).toEqual(['1']);
    }
  });

  it('that was made twice is the same choice, and is answered alike', () => {
    const { fleet } = metAgain([3, 2]);
    const ids = [
      [fleet.at(1), choose(fleet, fleet.at(1), fleet.at(3), keep(fleet.at(2)))],
      [fleet.at(3), choose(fleet, fleet.at(3), fleet.at(1), keep(fleet.at(0)))],
    ] as const;
    fleet.run(5_000);
    for (const [site, id] of ids) expect(resultOf(site, id)).toBe('acked');
    expect(allShown(fleet)).toEqual(['0']);
  });
});

describe('choices that contradict each other (P4)', () => {
  const pairs: [string, (fleet: Fleet) => readonly [ReturnType<typeof keep>, ReturnType<typeof keep>]][] = [
    ['keep either side', (fleet) => [keep(fleet.at(0)), keep(fleet.at(3))]],
    ['keep a side and merge', (fleet) => [keep(fleet.at(3)), { kind: 'merge' }]],
    ['merge and keep a side', (fleet) => [{ kind: 'merge' }, keep(fleet.at(0))]],
  ];
  it.each(pairs)(
    'to %s, within 5 ms at two nodes: one counts, the other is told so, all end alike',
    (_, choicesOf) => {
      for (const apartMs of [0, 1, 2, 3, 5])
        for (const [one, other] of [
          [1, 4],
          [4, 1],
          [0, 3],
          [3, 0],
          [3, 4],
          [1, 2],
        ] as const) {
          const { fleet } = metAgain([3, 2], { seed: apartMs + 1 });
          const [first, second] = choicesOf(fleet);
          const [a, b] = [fleet.at(one), fleet.at(other)];
          const across = (index: number): Site => fleet.at(index < 3 ? 3 : 0);
          const asked = [a, choose(fleet, a, across(one), first), first] as const;
          fleet.run(apartMs);
          const then = [b, choose(fleet, b, across(other), second), second] as const;
          fleet.run(8_000);
          const results = [asked, then].map(([site, id]) => (id === undefined ? 'none' : resultOf(site, id)));
          expect(results.filter((result) => result === 'acked')).toHaveLength(1);
          expect(['none', 'CLUSTER_PARTITION_DECIDED']).toContain(
            results.find((result) => result !== 'acked'),
          );
          const winner = [asked, then][results.indexOf('acked')]?.[2];
          const expected =
            winner?.kind === 'merge' ? '0+1' : winner?.side === fleet.at(0).info.incarnation ? '0' : '1';
          expect(allShown(fleet)).toEqual([expected]);
          for (const site of fleet.alive) {
            expect(site.machine.status()).toMatchObject({ ready: true, replicas: { all: 4, inSync: 4 } });
            expect(waitingAt(site)).toEqual([]);
          }
        }
    },
  );
});

describe('a leader that dies while it decides (P4)', () => {
  /** The leader dies when the message of a kind arrives for the given time; another one leads, and is asked for the contrary. */
  function dies(type: StoreMessage['type'], time: number, arrives: boolean) {
    const { fleet } = metAgain([3, 3]);
    const [leader, next] = [fleet.at(0), fleet.at(1)];
    let hasDied = false;
    when(fleet, type, time, () => {
      hasDied = true;
      fleet.crash(leader);
      return arrives;
    });
    choose(fleet, fleet.at(2), fleet.at(3), keep(fleet.at(1)));
    fleet.run(3_000);
    if (!hasDied) fleet.crash(leader);
    fleet.run(1_000);
    fleet.lead(next, 2);
    const id = choose(fleet, fleet.at(4), fleet.at(1), keep(fleet.at(3)));
    fleet.run(8_000);
    return { fleet, hasDied, contrary: id === undefined ? 'none' : resultOf(fleet.at(4), id) };
  }

  it.each<[StoreMessage['type'], boolean]>([
    ['choose', false],
    ['survey', true],
    ['survey', false],
    ['surveyed', true],
    ['propose', true],
    ['propose', false],
    ['accepted', true],
    ['accepted', false],
    ['decree', true],
    ['decree', false],
  ])('at any %s (which arrives: %s) leaves one decision, which the next leader finishes', (type, arrives) => {
    for (let time = 0; time < 5; time++) {
      const { fleet, hasDied, contrary } = dies(type, time, arrives);
      const [shown, ...others] = allShown(fleet);
      expect(others).toEqual([]);
      if (contrary === 'acked') expect(shown).toBe('1');
      else expect(shown).toBe('0');
      for (const site of fleet.alive) expect(waitingAt(site)).toEqual([]);
      if (!hasDied) break;
    }
  });

  it('with one recorder that was reached: its record counts once the next leader has asked it', () => {
    const { fleet } = metAgain([3, 3]);
    const [leader, next] = [fleet.at(0), fleet.at(1)];
    fleet.letThrough = ({ type }, _from, to) => type !== 'propose' || to === fleet.at(5);
    choose(fleet, fleet.at(2), fleet.at(3), keep(fleet.at(1)));
    fleet.run(100);
    fleet.crash(leader);
    fleet.letThrough = () => true;
    fleet.run(500);
    fleet.lead(next, 2);
    const id = choose(fleet, fleet.at(2), fleet.at(4), { kind: 'merge' });
    fleet.run(5_000);
    const isKept = resultOf(fleet.at(2), id) === 'CLUSTER_PARTITION_DECIDED';
    expect(allShown(fleet)).toEqual([isKept ? '0' : '0+1']);
  });

  it('and comes back as one that leads no longer, records nothing more (P4, L3)', () => {
    const { fleet } = metAgain([3, 3]);
    const [old, next] = [fleet.at(0), fleet.at(1)];
    fleet.letThrough = ({ type }) => type !== 'propose' && type !== 'survey';
    const first = choose(fleet, old, fleet.at(3), keep(old));
    fleet.run(50);
    fleet.letThrough = () => true;
    for (const site of fleet.alive.filter((each) => each !== old))
      fleet.give(site, { type: 'leader', leader: next.info.incarnation, token: 2 });
    const second = choose(fleet, fleet.at(4), fleet.at(1), keep(fleet.at(3)));
    fleet.run(8_000);
    expect([resultOf(old, first), resultOf(fleet.at(4), second)]).toEqual([
      'CLUSTER_QUORUM_UNAVAILABLE',
      'acked',
    ]);
    expect(allShown(fleet)).toEqual(['1']);
  });
});

describe('leaders that change again and again (P4)', () => {
  it('carry out one choice of many, and everybody ends alike', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { fleet } = metAgain([3, 2], { seed });
      for (let token = 2; token < 8; token++) {
        fleet.lead(fleet.at(Math.floor(fleet.random() * 5)), token);
        const [at, kept] = [Math.floor(fleet.random() * 5), Math.floor(fleet.random() * 5)];
        choose(fleet, fleet.at(at), fleet.at(at < 3 ? 3 : 0), keep(fleet.at(kept)));
        fleet.run(fleet.random() * 6);
      }
      fleet.run(15_000);
      if (waitingAt(fleet.at(0)).length > 0) toAutomatic(fleet);
      expect(allShown(fleet)).toHaveLength(1);
      for (const site of fleet.alive) expect(waitingAt(site)).toEqual([]);
    }
  });
});

describe('a choice that was recorded for a partition that is over (P4)', () => {
  /** The choice reaches one recorder, nobody decides it, and the sides find together by themselves. */
  const recordedOnly = (choiceOf: (kept: Site) => Choice): Fleet => {
    const { fleet, sides } = metAgain([3, 2]);
    const [first, second] = fleet.sites as [Site, Site];
    fleet.letThrough = ({ type }, _, to) => (type === 'propose' ? to === second : type !== 'accepted');
    choose(fleet, first, fleet.at(3), choiceOf(first));
    fleet.run(50);
    fleet.lead(undefined, 2);
    toAutomatic(fleet);
    expect(allShown(fleet)).toEqual(['0+1']);
    fleet.give(first, { type: 'recovery', mode: 'manual' });
    for (const [side, [writer]] of sides.entries()) fleet.set(writer as Site, `later${side}`, 'v', 'local');
    fleet.run(1_000);
    fleet.split(...sides);
    fleet.run(5_000);
    for (const [side, [writer]] of sides.entries()) fleet.set(writer as Site, `own${side}`, 'v', 'local');
    fleet.run(5_000);
    fleet.heal();
    fleet.run(1_500);
    // The new leader asks the recorder.
    fleet.lead(fleet.at(2), 3);
    return fleet;
  };
  const keys = (fleet: Fleet) =>
    fleet.alive.map((site) => Object.keys(fleet.content(site)).filter((key) => key.startsWith('own')));

  it('as a merge, is not carried out for the next partition of the same sides', () => {
    const fleet = recordedOnly(() => ({ kind: 'merge' }));
    const id = choose(fleet, fleet.at(1), fleet.at(3), keep(fleet.at(0)));
    fleet.run(8_000);
    expect(resultOf(fleet.at(1), id)).toBe('acked');
    expect(keys(fleet)).toEqual(fleet.alive.map(() => ['own0']));
  });

  it('as a keep, is not carried out for the next partition of the same sides', () => {
    const fleet = recordedOnly(keep);
    const id = choose(fleet, fleet.at(1), fleet.at(3), { kind: 'merge' });
    fleet.run(8_000);
    expect(resultOf(fleet.at(1), id)).toBe('acked');
    expect(keys(fleet)).toEqual(fleet.alive.map(() => ['own0', 'own1']));
    for (const site of fleet.alive) expect(site.machine.status().ready).toBe(true);
  });
});
