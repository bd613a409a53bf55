import type { StoreInput } from '../machine.js';
import type { StoreMessage } from '../message.js';
import { bytes, Fleet } from '../fleet.fixture.js';
import { Origins, readPairs, ReplicaList } from './origins.js';
import { replicaOf } from './state.fixture.js';

describe('a clock on its way', () => {
  it('means the same to a node that numbers replicas otherwise', () => {
    const here = new Origins(replicaOf('a'), 100);
    const there = new Origins(replicaOf('z'), 100);
    for (const [name, counter] of [
      ['b', 3],
      ['c', 0],
      ['d', 5],
    ] as const)
      here.raise(here.of(replicaOf(name)), counter);
    there.of(replicaOf('d'));
    const names = new ReplicaList(here);
    const clock = names.clock();
    const pairs = names.pairs([here.of(replicaOf('d')).index, 5]);
    const vector: number[] = [];
    const numbers = there.numbers(names.replicas);
    there.readInto(vector, clock, numbers);
    expect([vector[there.of(replicaOf('b')).index], vector[there.of(replicaOf('d')).index]]).toEqual([3, 5]);
    expect(readPairs(pairs, numbers)).toEqual([there.of(replicaOf('d')).index, 5]);
    expect(names.replicas.map(({ name }) => name)).toEqual(['b', 'd']);
  });

  it('can be told as what differs from another one, be it higher or lower', () => {
    const here = new Origins(replicaOf('a'), 100);
    for (const [name, counter] of [
      ['b', 3],
      ['c', 9],
    ] as const)
      here.raise(here.of(replicaOf(name)), counter);
    const names = new ReplicaList(here);
    const from = [0, 3, 12];
    const changes = names.changes(here.vector(), from);
    expect(changes).toHaveLength(1);
    expect(here.readChanges(from, changes, here.numbers(names.replicas))).toEqual(here.vector());
  });

  it('names a replica once for each life and each copy of its store (T1, P4)', () => {
    const origins = new Origins(replicaOf('a'), 100);
    const of = (generation: number): number => origins.of(replicaOf('b', generation)).index;
    expect([of(0), of(1), of(0), of(1)]).toEqual([1, 2, 1, 2]);
    expect(Math.sign(origins.compare(1, 2))).toBe(-Math.sign(origins.compare(2, 1)));
  });
});

describe('counters', () => {
  const end = Number.MAX_SAFE_INTEGER;

  it('of a node cannot be pushed by a peer beyond what the node has written (W5, W7)', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    fleet.set(a, 'k', '1');
    fleet.run(100);
    const replicas = [b, a].map(({ info: { name, incarnation } }) => ({ name, incarnation, generation: 0 }));
    const [side] = replicas;
    if (side === undefined) throw new Error('nobody');
    const clock = [{ origin: 1, counter: end }];
    const give = (message: StoreMessage): void =>
      fleet.give(a, { type: 'message', from: b.info.incarnation, message });
    give({
      type: 'clock',
      replicas,
      clock,
      ahead: 0,
      phase: 'ready',
      meets: [],
      side,
      apart: [],
      decrees: [],
      recovery: 'manual',
      recoveryTime: end,
      reply: false,
    });
    give({ type: 'chunk', session: 1, seq: 0, replicas, clock, parts: [], isLast: true });
    give({ type: 'deltas', stream: 99, isStart: true, replicas, context: clock, deltas: [] });
    give({ type: 'held', generation: 0, counter: end });
    const sent: unknown[] = [];
    const note = (input: StoreInput): void => {
      const now = { mono: fleet.mono, wall: 1_700_000_000_000 };
      for (const effect of a.machine.step(input, now)) if (effect.type === 'send') sent.push(effect.message);
    };
    note({ type: 'write', id: 1_000, key: 'k', value: bytes('2'), ttlMs: 0, ack: 'local' });
    note({ type: 'recovery', mode: 'automatic' });
    note({ type: 'flush' });
    expect(JSON.stringify(sent)).toContain('"counter":2,');
    expect(numbersIn(sent).every(Number.isSafeInteger)).toBe(true);
  });
});

function numbersIn(part: unknown): number[] {
  if (typeof part === 'number') return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(numbersIn) : [];
}
