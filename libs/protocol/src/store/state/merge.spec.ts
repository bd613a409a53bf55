import fc from 'fast-check';
import { bytes } from '../letters.fixture.js';
import type { Sibling } from './entry.js';
import { merge } from './merge.js';
import { Origins } from './origins.js';
import { replicaOf } from './state.fixture.js';
import { contextOf } from './version-vector.js';

const WRITERS = 3;

/** What one replica holds of a key: siblings, and every dot that it knows. */
interface Held {
  readonly siblings: readonly Sibling[];
  readonly known: ReadonlySet<string>;
}

interface Done {
  readonly sibling: Sibling;
  readonly isDelete: boolean;
  /** Dots that its writer knew. */
  readonly seen: ReadonlySet<string>;
}

const nameOf = ({ origin, counter }: Pick<Sibling, 'origin' | 'counter'>): string => `${origin}.${counter}`;

const contextOfDots = (known: ReadonlySet<string>) => ({
  has: (origin: number, counter: number) => known.has(nameOf({ origin, counter })),
});

class Replicas {
  readonly origins = new Origins(replicaOf('r0'), 100);
  readonly done = new Map<string, Done>();
  readonly held: Held[] = Array.from({ length: WRITERS }, () => ({ siblings: [], known: new Set<string>() }));
  private readonly counters = Array.from({ length: WRITERS }, () => 0);

  constructor() {
    for (let writer = 1; writer < WRITERS; writer++) this.origins.of(replicaOf(`r${writer}`));
  }

  join(mine: Held, theirs: Held): Held {
    const { siblings } = merge(
      mine.siblings,
      contextOfDots(mine.known),
      theirs.siblings,
      contextOfDots(theirs.known),
      this.origins,
    );
    return { siblings, known: new Set([...mine.known, ...theirs.known]) };
  }

  put(writer: number, isDelete: boolean, time: number): void {
    const counter = (this.counters[writer] = (this.counters[writer] ?? 0) + 1);
    const sibling = { origin: writer, counter, value: bytes('v'), time, expiresAt: 0 };
    const seen = this.at(writer).known;
    this.done.set(nameOf(sibling), { sibling, isDelete, seen });
    const known = new Set([...seen, nameOf(sibling)]);
    this.held[writer] = { siblings: isDelete ? [] : [sibling], known };
  }

  at(replica: number): Held {
    return this.held[replica] as Held;
  }

  /** The model: a known write is there unless something known has seen it. */
  expected(known: ReadonlySet<string>): string[] {
    const done = [...known].map((dot) => this.done.get(dot) as Done);
    const isLive = ({ sibling, isDelete }: Done): boolean =>
      !isDelete && done.every(({ seen }) => !seen.has(nameOf(sibling)));
    return done
      .filter(isLive)
      .map(({ sibling }) => nameOf(sibling))
      .sort();
  }
}

const replica = fc.nat({ max: WRITERS - 1 });
const moves = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('write' as const), replica, time: fc.nat({ max: 3 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('delete' as const), replica, time: fc.nat({ max: 3 }) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), replica, from: replica }) },
  ),
  { maxLength: 25 },
);

function played(list: readonly unknown[]): Replicas {
  const replicas = new Replicas();
  for (const move of list as readonly { kind: string; replica: number; time: number; from: number }[]) {
    if (move.kind === 'join')
      replicas.held[move.replica] = replicas.join(replicas.at(move.replica), replicas.at(move.from));
    else replicas.put(move.replica, move.kind === 'delete', move.time);
  }
  return replicas;
}

const dots = ({ siblings }: Held): string[] => siblings.map(nameOf);

describe('the merge of two states of a key (S3, S4)', () => {
  it('keeps exactly the writes that no known write or delete has seen', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const replicas = played(list);
        for (const one of replicas.held) {
          expect(dots(one).sort()).toEqual(replicas.expected(one.known));
          for (const other of replicas.held) {
            const joined = replicas.join(one, other);
            expect(dots(joined).sort()).toEqual(replicas.expected(joined.known));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is commutative, idempotent and associative, order of siblings included', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const replicas = played(list);
        const [a, b, c] = replicas.held as [Held, Held, Held];
        expect(dots(replicas.join(a, b))).toEqual(dots(replicas.join(b, a)));
        expect(replicas.join(a, a)).toEqual(a);
        const ab = replicas.join(a, b);
        expect(replicas.join(ab, b)).toEqual(ab);
        expect(dots(replicas.join(ab, c))).toEqual(dots(replicas.join(a, replicas.join(b, c))));
      }),
      { numRuns: 500 },
    );
  });

  it('tells what it added and what it removed, so that each change is told once (S6)', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const replicas = played(list);
        const [a, b] = replicas.held as [Held, Held, Held];
        const { siblings, added, removed } = merge(
          a.siblings,
          contextOfDots(a.known),
          b.siblings,
          contextOfDots(b.known),
          replicas.origins,
        );
        const kept = a.siblings.filter((sibling) => !removed.includes(sibling));
        expect([...kept, ...added].map(nameOf).sort()).toEqual(siblings.map(nameOf).sort());
        for (const each of added) expect(a.known.has(nameOf(each))).toBe(false);
      }),
    );
  });

  it('orders siblings by time, then by writer, then by dot, alike on all nodes (S3)', () => {
    const { origins } = new Replicas();
    const of = (origin: number, counter: number, time: number): Sibling => {
      return { origin, counter, value: bytes('v'), time, expiresAt: 0 };
    };
    const nothing = contextOf([]);
    const list = [of(0, 1, 5), of(1, 1, 7), of(2, 1, 5), of(2, 2, 5)];
    const expected = ['1.1', '2.2', '2.1', '0.1'];
    for (const order of [list, [...list].reverse()]) {
      const { siblings } = merge([], nothing, order, nothing, origins);
      expect(siblings.map(nameOf)).toEqual(expected);
    }
  });
});
