/**
 * What becomes of choices for partitions that wait (P4): one is for two sides, and two that contradict each other leave one of
 * them, not none.
 */
import { Fleet, type Site } from '../fleet.fixture.js';
import type { Choice } from '../message.js';

/** Pairs of nodes that wrote apart from each other, and have met again. */
function waiting(sides: number, seed = 1): { fleet: Fleet; sites: readonly Site[] } {
  const fleet = Fleet.ready(2 * sides, { seed, options: { recovery: 'manual' } });
  const { sites } = fleet;
  fleet.lead(fleet.at(0));
  fleet.set(fleet.at(0), 'base', 'b');
  fleet.run(3_000);
  const pairs = Array.from({ length: sides }, (_, side) => sites.slice(2 * side, 2 * side + 2));
  fleet.split(...pairs);
  for (let side = 0; side < sides; side++) fleet.set(fleet.at(2 * side), `side${side}`, 'v', 'local');
  fleet.run(6_000);
  fleet.heal();
  fleet.run(2_000);
  return { fleet, sites };
}

function choose(fleet: Fleet, at: Site, other: Site, choice: Choice): void {
  const partition = at.machine
    .status()
    .partitions.find(
      ({ state, sides }) =>
        state === 'waiting' && sides[1]?.nodes.some(({ name }) => name === other.info.name),
    );
  if (partition === undefined) throw new Error('no partition waits');
  fleet.ask(at, (id) => ({ type: 'resolve', id, partition: partition.id, choice }));
}

const keep = (site: Site): Choice => ({ kind: 'keep', side: site.info.incarnation });

function keysOf(fleet: Fleet, sites: readonly Site[]): readonly string[] {
  const shown = sites.map((site) =>
    ['base', 'side0', 'side1', 'side2'].filter((key) => fleet.get(site, key) !== undefined).join(' '),
  );
  return [...new Set(shown)];
}

describe('a choice for two of three sides (P4)', () => {
  function chosen(
    choiceOf: (site: Site) => Choice,
    expected: string,
  ): { fleet: Fleet; sites: readonly Site[] } {
    const { fleet, sites } = waiting(3);
    const [one, two] = [fleet.at(0), fleet.at(2)];
    choose(fleet, one, two, choiceOf(one));
    fleet.run(10_000);
    expect(keysOf(fleet, sites.slice(0, 4))).toEqual([expected]);
    expect(keysOf(fleet, sites.slice(4))).toEqual(['base side2']);
    return { fleet, sites };
  }

  const open = (site: Site): string[] =>
    site.machine
      .status()
      .partitions.map(({ state }) => state)
      .filter((state) => state !== 'healed');

  function chosenForLater(choiceOf: (site: Site) => Choice, expected: string): readonly string[] {
    const { fleet, sites } = chosen(choiceOf, expected);
    for (const site of sites.slice(4)) expect(open(site)).toContain('waiting');
    for (const site of sites) expect(open(site)).not.toContain('merging');
    choose(fleet, fleet.at(5), fleet.at(0), { kind: 'merge' });
    fleet.run(10_000);
    return keysOf(fleet, sites);
  }

  it('to merge is none for the third, which can still be chosen for at its own nodes', () => {
    const shown = chosenForLater(() => ({ kind: 'merge' }), 'base side0 side1');
    expect(shown).toEqual(['base side0 side1 side2']);
  });

  it('to keep is none for the third, which can still be chosen for at its own nodes', () => {
    expect(chosenForLater(keep, 'base side0')).toEqual(['base side0 side2']);
  });

  it('to merge leaves the third waiting on every node', () => {
    for (const site of chosen(() => ({ kind: 'merge' }), 'base side0 side1').sites)
      expect(open(site)).toContain('waiting');
  });

  it('to keep leaves the third waiting on every node', () => {
    for (const site of chosen(keep, 'base side0').sites) expect(open(site)).toContain('waiting');
  });

  it('to keep is not told as a new partition of the nodes that copy the kept side', () => {
    for (const { effects } of chosen(keep, 'base side0').sites)
      expect(effects.filter(({ type }) => type === 'partitionDetected')).toHaveLength(2);
  });
});

describe('two choices under way at once (P4)', () => {
  it.each([0.3, 1, 1.5, 2, 3])('to keep each other side, %d ms apart, leave a store', (apartMs) => {
    for (let seed = 1; seed <= 12; seed++) {
      const { fleet, sites } = waiting(2, seed);
      const [one, two] = [fleet.at(0), fleet.at(2)];
      choose(fleet, one, two, keep(one));
      fleet.run(apartMs);
      if (two.machine.status().partitions.some(({ state }) => state === 'waiting'))
        choose(fleet, two, one, keep(two));
      fleet.run(20_000);
      const [shown, ...others] = keysOf(fleet, sites);
      expect(others).toEqual([]);
      expect(shown).toMatch(/^base side/);
    }
  });
});
