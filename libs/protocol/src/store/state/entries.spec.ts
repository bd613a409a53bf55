import fc from 'fast-check';
import { bytes, textOf } from '../letters.fixture.js';
import { siblingsOf } from './entry.js';
import { BUCKETS, bucketOf } from './key-map.js';
import { replicaOf, rigOf, type Rig } from './state.fixture.js';
import { contextOf } from './version-vector.js';

const NOBODY = contextOf([]);

function write(rig: Rig, key: string, text: string, expiresAt = 0, time = 1): void {
  const { origins, entries } = rig.state;
  origins.append(origins.self, key);
  entries.write(key, { origin: 0, counter: origins.self.counter, value: bytes(text), time, expiresAt });
}

function remove(rig: Rig, key: string): void {
  rig.state.origins.append(rig.state.origins.self, key);
  rig.state.entries.delete(key);
}

/** All that one state has, key by key, as a transfer would bring it. */
function pull(into: Rig, from: Rig, wall = 0): void {
  const { origins, entries, knowledge } = into.state;
  const numbers = from.state.origins.list.map(({ replica }) => origins.of(replica).index);
  const vector: number[] = origins.list.map(() => 0);
  for (const { index, counter } of from.state.origins.list) vector[numbers[index] as number] = counter;
  const context = contextOf(vector);
  const keys = new Set([...from.state.entries.table, ...entries.table].map(([key]) => key));
  for (const key of keys) {
    const theirs = siblingsOf(from.state.entries.table.get(key)).map((sibling) => {
      return { ...sibling, origin: numbers[sibling.origin] as number };
    });
    entries.mergeKey(key, theirs, context, from.state.origins.self.replica, wall);
  }
  knowledge.raiseAll(vector);
}

/** What a listener that notes every change believes; each change must follow from the one before (S6). */
function believed({ told }: Rig): Record<string, string> {
  const content: Record<string, string> = {};
  for (const effect of told) {
    if (effect.type !== 'change') continue;
    const { change } = effect;
    expect(change.previous && textOf(change.previous)).toEqual(content[change.key]);
    if (change.type === 'written') content[change.key] = textOf(change.value);
    else delete content[change.key];
  }
  return content;
}

const shown = ({ state }: Rig): Record<string, string> =>
  Object.fromEntries([...state.entries.table].map(([key, { value }]) => [key, textOf(value)]));

/** The dots of a bucket, by the names of their writers. */
function dotsOf({ state }: Rig, bucket: number): string {
  return [...state.entries.table.bucket(bucket)]
    .flatMap(([, entry]) => siblingsOf(entry))
    .map(({ origin, counter }) => `${state.origins.at(origin).replica.name}.${counter}`)
    .sort()
    .join();
}

const at = fc.nat({ max: 2 });
const key = fc.constantFrom('k0', 'k1', 'k2', 'k3');
const move = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write' as const), at, key, ttl: fc.constantFrom(0, 0, 5, 20) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), at, key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pull' as const), at, from: at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), at, key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), at, key }) },
);

describe('entries', () => {
  it('tell each change once, count what expires, know each dot, and keep digests up to date (S5, S6, S8, I1)', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const rigs = ['a', 'b', 'c'].map((name) => rigOf(name)) as [Rig, Rig, Rig];
        let wall = 1;
        let words = 0;
        for (const step of moves) {
          const rig = rigs[step.at] as Rig;
          const { entries } = rig.state;
          if (step.kind === 'write') write(rig, step.key, `w${++words}`, step.ttl && wall + step.ttl, wall);
          else if (step.kind === 'delete') remove(rig, step.key);
          else if (step.kind === 'pull' && step.from !== step.at) pull(rig, rigs[step.from] as Rig, wall);
          else if (step.kind === 'expire') entries.expire(wall, 100);
          else if (step.kind === 'pass') wall += 7;
          rig.state.check();
          expect(believed(rig)).toEqual(shown(rig));
          const living = [...entries.table].filter(([, { expiresAt }]) => expiresAt !== 0);
          expect(entries.expiry.living).toBe(living.length);
        }
        for (const one of rigs)
          for (const other of rigs) {
            const differing = one.state.entries.digests.differing(other.state.entries.digests.all());
            const expected = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter(
              (bucket) => dotsOf(one, bucket) !== dotsOf(other, bucket),
            );
            expect(differing).toEqual(expected);
          }
      }),
      { numRuns: 150 },
    );
  });

  it('are equal wherever clocks are equal, when nothing expires (I3)', () => {
    const calm = fc.array(
      move
        .filter(({ kind }) => kind !== 'expire')
        .map((step) => (step.kind === 'write' ? { ...step, ttl: 0 } : step)),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(calm, (moves) => {
        const rigs = ['a', 'b', 'c'].map((name) => rigOf(name)) as [Rig, Rig, Rig];
        moves.forEach((step, wall) => {
          const rig = rigs[step.at] as Rig;
          if (step.kind === 'write') write(rig, step.key, `w${wall}`, 0, wall);
          else if (step.kind === 'delete') remove(rig, step.key);
          else if (step.kind === 'pull' && step.from !== step.at) pull(rig, rigs[step.from] as Rig);
        });
        for (let round = 0; round < 2; round++)
          for (const one of rigs) for (const other of rigs) if (one !== other) pull(one, other);
        const [first] = rigs;
        for (const rig of rigs) {
          expect(shown(rig)).toEqual(shown(first));
          expect(first.state.entries.digests.differing(rig.state.entries.digests.all())).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a write of another node', () => {
  it('replaces what its writer had seen, and stands beside what it had not (S3)', () => {
    const rig = rigOf();
    const { origins, entries } = rig.state;
    write(rig, 'k', 'mine', 0, 1);
    const came = rig.sibling('b', 1, 'theirs', { time: 2 });
    entries.apply('k', came, came.origin, NOBODY, 0);
    origins.append(origins.at(came.origin), 'k');
    expect(siblingsOf(entries.table.get('k')).map(({ value }) => textOf(value))).toEqual(['theirs', 'mine']);
    const next = rig.sibling('b', 2, 'of both');
    entries.apply('k', next, next.origin, contextOf([1, 1]), 0);
    expect(shown(rig)).toEqual({ k: 'of both' });
    expect(rig.lines()).toEqual(['written k=mine', 'written k=theirs', 'written k=of both']);
  });

  it('that deletes takes only what its writer had seen with it (S3)', () => {
    const rig = rigOf();
    const { entries } = rig.state;
    const { index } = rig.state.origins.of(replicaOf('b'));
    write(rig, 'k', 'mine');
    entries.apply('k', undefined, index, NOBODY, 0);
    expect(shown(rig)).toEqual({ k: 'mine' });
    entries.apply('k', undefined, index, contextOf([1]), 0);
    expect([shown(rig), rig.lines()]).toEqual([{}, ['written k=mine', 'deleted k']]);
  });
});

describe('siblings', () => {
  const two = (resolver?: Parameters<typeof rigOf>[2]): Rig => {
    const rig = rigOf('self', {}, resolver);
    write(rig, 'k', 'x', 0, 1);
    const came = rig.sibling('b', 1, 'y', { time: 2 });
    rig.state.entries.apply('k', came, came.origin, NOBODY, 0);
    rig.state.origins.append(rig.state.origins.at(came.origin), 'k');
    return rig;
  };

  it('are told as a change only when what is visible changes (S6)', () => {
    const rig = two(() => bytes('x'));
    expect(rig.lines()).toEqual(['written k=x']);
    expect(rig.state.entries.conflicts).toBe(1);
    expect(rig.told.filter(({ type }) => type === 'conflict')).toHaveLength(1);
  });

  it('that are lost elsewhere leave the others, which are resolved anew (S3)', () => {
    const rig = two((_key, candidates) => bytes(candidates.map(({ value }) => textOf(value)).join('+')));
    expect(shown(rig)).toEqual({ k: 'y+x' });
    const { entries, origins } = rig.state;
    const kept = siblingsOf(entries.table.get('k'))[0];
    if (kept === undefined) throw new Error('no sibling');
    entries.mergeKey('k', [kept], contextOf(origins.vector()), origins.at(1).replica, 0);
    expect([shown(rig), entries.table.get('k')?.siblings]).toEqual([{ k: 'y' }, undefined]);
  });

  it('beyond the number allowed are listed, so that their owner writes the outcome (S3, W5)', () => {
    const rig = rigOf('self', { siblingsMax: 2 });
    for (const [at, name] of ['b', 'c', 'd'].entries()) {
      const came = rig.sibling(name, 1, name);
      expect([...rig.state.entries.overfull]).toEqual([]);
      rig.state.entries.apply('k', came, came.origin, NOBODY, 0);
      rig.state.origins.append(rig.state.origins.at(came.origin), 'k');
      expect(siblingsOf(rig.state.entries.table.get('k'))).toHaveLength(at + 1);
    }
    expect([...rig.state.entries.overfull]).toEqual(['k']);
  });
});

describe('time that runs out (S5)', () => {
  it('ends an entry with one event that says so, and leaves nothing', () => {
    const rig = rigOf();
    const { entries } = rig.state;
    write(rig, 'k', 'v', 100);
    entries.expire(99, 10);
    expect(shown(rig)).toEqual({ k: 'v' });
    entries.expire(100, 10);
    entries.expire(200, 10);
    expect([shown(rig), rig.lines()]).toEqual([{}, ['written k=v', 'expired k']]);
    expect([entries.expiry.living, entries.digests.all().every((part) => part === 0)]).toEqual([0, true]);
  });

  it('takes one of several siblings, and shows what is left', () => {
    const rig = rigOf();
    const { entries, origins } = rig.state;
    write(rig, 'k', 'stays', 0, 1);
    const came = rig.sibling('b', 1, 'short', { time: 2, expiresAt: 100 });
    entries.apply('k', came, came.origin, NOBODY, 0);
    origins.append(origins.at(came.origin), 'k');
    expect(shown(rig)).toEqual({ k: 'short' });
    entries.expire(100, 10);
    expect([shown(rig), entries.table.get('k')?.expiresAt]).toEqual([{ k: 'stays' }, 0]);
  });

  it('hides what comes too late, and what it replaced is told as expired', () => {
    const rig = rigOf();
    write(rig, 'k', 'v');
    const late = rig.sibling('b', 1, 'late', { expiresAt: 50 });
    rig.state.entries.apply('k', late, late.origin, contextOf([1]), 60);
    rig.state.entries.apply('other', rig.sibling('b', 2, 'late', { expiresAt: 50 }), late.origin, NOBODY, 60);
    expect(rig.lines()).toEqual(['written k=v', 'expired k']);
  });

  it('does not come back with a state from a node whose clock is slow', () => {
    const rig = rigOf();
    const { entries, origins } = rig.state;
    write(rig, 'k', 'v', 100);
    const [sibling] = siblingsOf(entries.table.get('k'));
    if (sibling === undefined) throw new Error('no sibling');
    entries.expire(100, 10);
    entries.mergeKey('k', [sibling], contextOf(origins.vector()), replicaOf('b'), 90);
    expect(shown(rig)).toEqual({});
  });
});

describe('what another node no longer has in a bucket (S4)', () => {
  it('goes when that node knows its dot, and stays when it does not', () => {
    const rig = rigOf();
    const { entries } = rig.state;
    for (const text of ['one', 'two', 'three']) write(rig, 'k', text);
    const bucket = bucketOf('k');
    entries.prune(bucket, NOBODY, contextOf([2]), replicaOf('b'), 0);
    expect(shown(rig)).toEqual({ k: 'three' });
    entries.prune(
      bucket,
      { has: (origin, counter) => origin === 0 && counter === 3 },
      contextOf([3]),
      replicaOf('b'),
      0,
    );
    expect(shown(rig)).toEqual({ k: 'three' });
    entries.prune(bucket, NOBODY, contextOf([3]), replicaOf('b'), 0);
    expect(rig.lines().at(-1)).toBe('deleted k');
  });
});
