import fc from 'fast-check';
import { Fleet, type Site } from '../fleet.fixture.js';
import type { Choice } from '../message.js';
import { waitingAt } from './partitions.fixture.js';
import { settings } from '../property.fixture.js';

const COUNT = 5;

type Move =
  | { readonly kind: 'set'; readonly at: number; readonly key: number }
  | { readonly kind: 'delete'; readonly at: number; readonly key: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'split'; readonly sides: readonly number[] }
  | { readonly kind: 'heal' }
  | { readonly kind: 'choose'; readonly at: number; readonly which: number; readonly keep: number }
  | { readonly kind: 'contradict'; readonly at: number; readonly other: number; readonly ms: number }
  | { readonly kind: 'lead'; readonly at: number }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'restart'; readonly at: number };

const at = fc.nat({ max: COUNT - 1 });
const kind = <Kind extends Move['kind']>(name: Kind) => fc.constant(name);
const sides = fc.array(fc.nat({ max: 2 }), { minLength: COUNT, maxLength: COUNT });
const noise = [
  { weight: 6, arbitrary: fc.record({ kind: kind('set'), at, key: fc.nat({ max: 3 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: kind('pass'), ms: fc.constantFrom(0, 1, 2, 5, 20, 100, 700, 3_000, 8_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('heal') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('split'), sides }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind('choose'), at, which: fc.nat({ max: 1 }), keep: fc.nat({ max: 2 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('contradict'), at, other: at, ms: fc.nat({ max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('lead'), at }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('nobody') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restart'), at }) },
];
const deletes = { weight: 3, arbitrary: fc.record({ kind: kind('delete'), at, key: fc.nat({ max: 3 }) }) };

class Story {
  readonly fleet: Fleet;
  private words = 0;
  private token = 1;

  constructor(seed: number) {
    const options = {
      recovery: 'manual',
      batchBytesMax: 6,
      joinTimeoutMs: 2_000,
      pullTimeoutMs: 1_000,
    } as const;
    this.fleet = Fleet.ready(COUNT, { seed, options });
    this.fleet.lead(this.fleet.at(0));
  }

  play(moves: readonly Move[]): void {
    for (const move of moves) this.move(move);
  }

  /** Everything is in reach, and time passes. */
  heal(): void {
    this.fleet.heal();
    this.fleet.run(20_000);
  }

  automatic(): void {
    this.fleet.give(this.alive(0), { type: 'recovery', mode: 'automatic' });
    this.fleet.run(20_000);
  }

  keys(site: Site): string[] {
    return Object.keys(this.fleet.content(site)).sort();
  }

  private alive(index: number): Site {
    return this.fleet.alive[index % this.fleet.alive.length] as Site;
  }

  private move(move: Move): void {
    const { fleet } = this;
    switch (move.kind) {
      case 'set':
        return void fleet.set(this.alive(move.at), `k${move.key}.${++this.words}`, 'v', 'local');
      case 'delete': {
        const site = this.alive(move.at);
        const key = this.keys(site)[move.key];
        if (key !== undefined) fleet.delete(site, key, 'local');
        return;
      }
      case 'pass':
        return fleet.run(move.ms);
      case 'split': {
        const groups = [0, 1, 2].map((side) => fleet.alive.filter((_, index) => move.sides[index] === side));
        return fleet.split(...groups.filter((group) => group.length > 0));
      }
      case 'heal':
        return fleet.heal();
      case 'choose':
        return this.choose(this.alive(move.at), move.which, move.keep);
      case 'contradict':
        this.choose(this.alive(move.at), 0, 0);
        fleet.run(move.ms);
        return this.choose(this.alive(move.other), 0, 1);
      case 'lead':
        return fleet.lead(this.alive(move.at), ++this.token);
      case 'nobody':
        return fleet.lead(undefined, this.token);
      case 'restart': {
        const gone = this.alive(move.at);
        const reached = [...gone.links].filter(({ alive }) => alive);
        fleet.crash(gone);
        fleet.run(50);
        fleet.start(gone.info.name, reached);
        return;
      }
    }
  }

  private choose(site: Site, which: number, keep: number): void {
    const waiting = waitingAt(site);
    const partition = waiting[which % Math.max(1, waiting.length)];
    if (partition === undefined) return;
    const side = partition.sides[keep]?.nodes[0]?.incarnation;
    const choice: Choice = side === undefined ? { kind: 'merge' } : { kind: 'keep', side };
    this.fleet.ask(site, (id) => ({ type: 'resolve', id, partition: partition.id, choice }));
  }
}

const holdsAll = (keys: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((key) => keys.includes(key));

describe('any history with manual recovery (P4)', () => {
  it('ends alike everywhere after a switch to automatic, and nothing copies or merges for ever (S2, S6)', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.oneof(...noise, deletes), { maxLength: 50, size: 'max' }),
        (some, moves) => {
          const story = new Story(some);
          story.play(moves as Move[]);
          story.heal();
          story.automatic();
          const { fleet } = story;
          const expected = fleet.content(fleet.alive[0] as Site);
          for (const site of fleet.alive) {
            const { ready, partitions } = site.machine.status();
            expect([site.info.name, ready]).toEqual([site.info.name, true]);
            expect(partitions.map(({ state }) => state)).not.toContain('waiting');
            expect(partitions.map(({ state }) => state)).not.toContain('copying');
            expect(partitions.map(({ state }) => state)).not.toContain('merging');
            expect(fleet.content(site)).toEqual(expected);
            expect(fleet.heard(site)).toEqual(expected);
          }
        },
      ),
      settings,
    );
  });

  const outcome = (
    groups: fc.Arbitrary<readonly number[]>,
    checks: (story: Story, sides: readonly string[][]) => void,
  ) =>
    fc.assert(
      fc.property(
        fc.nat(),
        groups,
        fc.array(fc.oneof(noise[0] as (typeof noise)[number], noise[1] as (typeof noise)[number]), {
          maxLength: 12,
        }),
        fc.array(fc.oneof(...noise.filter((_, index) => index > 3)), { maxLength: 12 }),
        (some, assigned, writes, moves) => {
          const story = new Story(some);
          const { fleet } = story;
          story.play([
            { kind: 'set', at: 0, key: 0 },
            { kind: 'pass', ms: 3_000 },
            { kind: 'split', sides: assigned },
          ]);
          for (let index = 0; index < COUNT; index++) story.play([{ kind: 'set', at: index, key: index }]);
          story.play(writes as Move[]);
          fleet.run(8_000);
          const shown = new Map<number, string[]>();
          fleet.alive.forEach((site, index) => shown.set(assigned[index] ?? 0, story.keys(site)));
          fleet.heal();
          fleet.run(1_500);
          story.play(moves as Move[]);
          story.heal();
          checks(story, [...shown.values()]);
        },
      ),
      settings,
    );

  const two = fc.array(fc.nat({ max: 1 }), { minLength: COUNT, maxLength: COUNT });

  it('shows on every node all of one side at least, whatever is chosen where by whom, and by how many leaders', () => {
    outcome(fc.oneof(two, sides), (story, shown) => {
      for (const site of story.fleet.alive) {
        expect(site.machine.status().ready).toBe(true);
        const keys = story.keys(site);
        expect(shown.some((side) => holdsAll(keys, side))).toBe(true);
      }
    });
  });

  it('of two sides ends with one of them or with both, alike on all nodes, or waits on all of them', () => {
    outcome(two, (story) => {
      const { fleet } = story;
      const contents = new Set(fleet.alive.map((site) => story.keys(site).join()));
      if (contents.size === 1) return;
      for (const site of fleet.alive)
        expect([site.info.name, waitingAt(site).length]).toEqual([site.info.name, 1]);
    });
  });
});

describe('a partition of which all sides have found together (P4)', () => {
  it('by way of others waits no longer, on no node', () => {
    const story = new Story(0);
    story.play([
      { kind: 'split', sides: [0, 0, 0, 1, 0] },
      { kind: 'split', sides: [0, 0, 1, 0, 0] },
      { kind: 'heal' },
      { kind: 'pass', ms: 5 },
      { kind: 'split', sides: [0, 0, 0, 0, 1] },
      { kind: 'pass', ms: 700 },
    ]);
    story.heal();
    story.automatic();
    for (const site of story.fleet.alive)
      expect([site.info.name, waitingAt(site)]).toEqual([site.info.name, []]);
  });
});

describe('a node that is joining when a choice voids what it has copied so far (P4, S6)', () => {
  it('tells its subscribers that these entries are gone', () => {
    const story = new Story(10);
    story.play([
      { kind: 'split', sides: [0, 1, 1, 0, 1] },
      { kind: 'pass', ms: 8_000 },
      { kind: 'set', at: 0, key: 0 },
      { kind: 'pass', ms: 700 },
      { kind: 'split', sides: [0, 1, 0, 0, 0] },
      { kind: 'restart', at: 3 },
      { kind: 'heal' },
      { kind: 'restart', at: 1 },
      { kind: 'contradict', at: 1, other: 0, ms: 0 },
    ]);
    story.heal();
    const { fleet } = story;
    const told = fleet.alive.filter((site) => fleet.changes(site, 'k0.1').length > 0);
    expect(told.map(({ info }) => info.name)).toContain('n1');
    for (const site of fleet.alive) expect(fleet.heard(site)).toEqual(fleet.content(site));
  });
});
