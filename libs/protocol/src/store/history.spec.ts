import fc from 'fast-check';
import type { Candidate, Resolver } from './machine.js';
import type { RecoveryMode } from './message.js';
import { bytes, Fleet, textOf, type Site } from './fleet.fixture.js';
import { settings } from './property.fixture.js';

// Each write is one word, and the resolver shows all words: what is visible names exactly the writes that are siblings.
const both: Resolver = (_key, candidates) =>
  bytes([...new Set(candidates.flatMap(({ value }) => textOf(value).split(' ')))].sort().join(' '));

type Move =
  | { readonly kind: 'set' | 'delete'; readonly site: number; readonly key: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'split'; readonly mask: number }
  | { readonly kind: 'heal' }
  | { readonly kind: 'blink'; readonly site: number; readonly other: number }
  | { readonly kind: 'congest'; readonly site: number; readonly other: number; readonly on: boolean }
  | { readonly kind: 'recovery'; readonly site: number; readonly mode: RecoveryMode }
  | { readonly kind: 'restart'; readonly site: number };

const site = fc.nat({ max: 3 });
const key = fc.nat({ max: 1 });
const calm = [
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), site, key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 1, 5, 5, 20, 20, 100, 700, 3_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('split' as const), mask: fc.nat({ max: 15 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('heal' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('blink' as const), site, other: site }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('congest' as const), site, other: site, on: fc.boolean() }),
  },
];
const modes = {
  weight: 1,
  arbitrary: fc.record({
    kind: fc.constant('recovery' as const),
    site,
    mode: fc.constantFrom<RecoveryMode[]>('automatic', 'manual'),
  }),
};
const deletes = { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), site, key }) };
const restarts = { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), site }) };
const weather = fc.record({
  loss: fc.constantFrom(0, 0, 0.1),
  repeat: fc.constantFrom(0, 0.2),
  disorder: fc.boolean(),
  slow: fc.boolean(),
  tight: fc.boolean(),
});
interface Weather {
  readonly loss: number;
  readonly repeat: number;
  readonly disorder: boolean;
  readonly slow: boolean;
  /** Transfers have many parts, and logs are short. */
  readonly tight: boolean;
}

class Story {
  readonly fleet: Fleet;
  /** What each write had seen when it was written. */
  readonly seen = new Map<string, readonly string[]>();
  readonly keys = new Map<string, string>();
  readonly resolved: (readonly [string, readonly Candidate[]])[] = [];
  readonly ids = new Map<string, { readonly writer: Site; readonly id: number }>();
  private readonly ways = new Map<string, number>();
  private words = 0;

  constructor(seed: number, weather: Weather) {
    this.fleet = Fleet.ready(4, {
      seed,
      options: weather.tight
        ? { writeTimeoutMs: 500, batchBytesMax: 6, logMax: 4, recentMax: 4, inboxMax: 16 }
        : { writeTimeoutMs: 500 },
      resolver: (name, candidates) => {
        this.resolved.push([name, candidates]);
        return both(name, candidates);
      },
    });
    const { fleet } = this;
    const { loss, repeat, disorder } = weather;
    Object.assign(fleet.weather, {
      loss,
      repeat,
      disorder,
      delayMs: (from: Site, to: Site) => (weather.slow ? this.slowness(from, to) : 1) + fleet.random() * 2,
    });
  }

  play(moves: readonly Move[]): void {
    for (const move of moves) this.move(move);
  }

  rest(): void {
    const { fleet } = this;
    Object.assign(fleet.weather, { loss: 0, repeat: 0, disorder: false, delayMs: () => 1 });
    for (const one of fleet.alive) for (const other of fleet.alive) this.congest(one, other, false);
    fleet.heal();
    fleet.run(1_000);
    fleet.give(fleet.alive[0] as Site, { type: 'recovery', mode: 'automatic' });
    fleet.run(12_000);
  }

  /** Some ways are much longer than others, so that what follows often comes before what it follows. */
  private slowness(from: Site, to: Site): number {
    const way = `${from.info.name}>${to.info.name}`;
    const known = this.ways.get(way) ?? [1, 1, 15, 60, 250][Math.floor(this.fleet.random() * 5)] ?? 1;
    this.ways.set(way, known);
    return known;
  }

  private move(move: Move): void {
    const { fleet } = this;
    const at = (index: number): Site => fleet.alive[index % fleet.alive.length] as Site;
    switch (move.kind) {
      case 'set': {
        const writer = at(move.site);
        const word = `w${++this.words}`;
        const name = `k${move.key}`;
        if (!writer.machine.status().ready) return;
        this.seen.set(word, fleet.get(writer, name)?.split(' ') ?? []);
        this.keys.set(word, name);
        this.ids.set(word, { writer, id: fleet.set(writer, name, word) });
        return;
      }
      case 'delete':
        fleet.delete(at(move.site), `k${move.key}`);
        return;
      case 'pass':
        return fleet.run(move.ms);
      case 'split': {
        const group = (bit: number): Site[] =>
          fleet.alive.filter((_, index) => ((move.mask >> index) & 1) === bit);
        return fleet.split(group(0), group(1));
      }
      case 'heal':
        return fleet.heal();
      case 'blink': {
        const [one, other] = [at(move.site), at(move.other)];
        if (one === other || !one.links.has(other)) return;
        fleet.unlink(one, other);
        return fleet.meet(one, other);
      }
      case 'congest':
        return this.congest(at(move.site), at(move.other), move.on);
      case 'recovery':
        return fleet.give(at(move.site), { type: 'recovery', mode: move.mode });
      case 'restart': {
        const gone = at(move.site);
        fleet.crash(gone);
        fleet.run(50);
        fleet.start(gone.info.name, fleet.alive);
        return;
      }
    }
  }

  private congest(one: Site, other: Site, on: boolean): void {
    if (!one.links.has(other)) return;
    const { incarnation } = other.info;
    this.fleet.give(one, on ? { type: 'congested', incarnation } : { type: 'drained', incarnation });
  }
}

function pastOf(word: string, seen: Story['seen']): Set<string> {
  const past = new Set<string>();
  const visit = (some: string): void => {
    for (const older of seen.get(some) ?? []) {
      if (past.has(older)) continue;
      past.add(older);
      visit(older);
    }
  };
  visit(word);
  return past;
}

/** What a listener that notes every change believes. */
function told(fleet: Fleet, at: Site): Record<string, string> {
  const content: Record<string, string> = {};
  for (const change of fleet.changes(at)) {
    expect(change.previous === undefined ? undefined : textOf(change.previous)).toEqual(content[change.key]);
    if (change.type === 'written') content[change.key] = textOf(change.value);
    else delete content[change.key];
  }
  return content;
}

describe('any history', () => {
  it('ends alike everywhere, with exactly the writes that no other has seen (S2, S3, S6)', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        weather,
        fc.array(fc.oneof(...calm, modes), { maxLength: 80, size: 'max' }),
        (seed, some, moves) => {
          const story = new Story(seed, some);
          story.play(moves as Move[]);
          story.rest();
          const { fleet, seen, keys } = story;
          const expected: Record<string, string> = {};
          const words = [...seen.keys()];
          const pasts = new Map(words.map((word) => [word, pastOf(word, seen)]));
          for (const word of words) {
            if (words.some((other) => pasts.get(other)?.has(word))) continue;
            const name = keys.get(word) as string;
            expected[name] = [...(expected[name]?.split(' ') ?? []), word].sort().join(' ');
          }
          for (const each of fleet.alive) {
            expect(fleet.content(each)).toEqual(expected);
            expect(told(fleet, each)).toEqual(expected);
          }
          for (const [, candidates] of story.resolved) {
            const shown = candidates.flatMap(({ value }) => textOf(value).split(' '));
            for (const word of shown)
              for (const other of shown) expect(pasts.get(word)?.has(other)).toBe(false);
          }
        },
      ),
      settings,
    );
  });

  it('with deletes and restarts ends alike everywhere, and leaves nothing behind (S2, S4, S6)', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        weather,
        fc.array(fc.oneof(...calm, modes, deletes, restarts), { maxLength: 80, size: 'max' }),
        (seed, some, moves) => {
          const story = new Story(seed, some);
          story.play(moves as Move[]);
          story.rest();
          const { fleet } = story;
          const expected = fleet.content(fleet.alive[0] as Site);
          for (const each of fleet.alive) {
            expect(each.machine.status().ready).toBe(true);
            expect(fleet.content(each)).toEqual(expected);
            expect(told(fleet, each)).toEqual(expected);
          }
        },
      ),
      settings,
    );
  });

  it('loses no write that a quorum has confirmed when a minority dies (S2)', () => {
    const dying = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(
        fc.nat(),
        weather,
        fc.array(fc.oneof(...calm), { maxLength: 80, size: 'max' }),
        dying,
        (seed, some, moves, dead) => {
          const story = new Story(seed, some);
          story.play(moves as Move[]);
          const { fleet, seen } = story;
          const acked = [...story.ids].flatMap(([word, { writer, id }]) =>
            writer.results.get(id) === 'acked' ? word : [],
          );
          for (const index of dead) fleet.crash(fleet.at(index));
          story.rest();
          for (const each of fleet.alive) {
            const known = new Set<string>();
            for (const shown of Object.values(fleet.content(each))) {
              for (const word of shown.split(' ')) {
                known.add(word);
                for (const older of pastOf(word, seen)) known.add(older);
              }
            }
            expect(acked.filter((word) => !known.has(word))).toEqual([]);
          }
        },
      ),
      settings,
    );
  });
});
