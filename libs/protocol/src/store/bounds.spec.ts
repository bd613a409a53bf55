import type { Incarnation, NodeName } from '../node.js';
import { DotLog } from './dot-log.js';
import type { DotSet } from './dots.js';
import type { Entries } from './entries.js';
import type { Replica } from './entry.js';
import { Expiry } from './expiry.js';
import { bytes, Fleet } from './fleet.fixture.js';
import type { StoreInput } from './machine.js';
import { Origins } from './origins.js';
import type { Peer } from './peers.js';
import { Stability } from './stability.js';

function replicaOf(name: string): Replica {
  return { name: name as NodeName, incarnation: name as Incarnation, generation: 0 };
}

describe('what is bounded', () => {
  it('writes that wait', () => {
    const fleet = Fleet.ready(3, { options: { writesMax: 10 } });
    fleet.split([fleet.at(0)], [fleet.at(1), fleet.at(2)]);
    const ids = Array.from({ length: 12 }, (_, at) => fleet.set(fleet.at(0), `k${at}`, 'v'));
    expect(ids.filter((id) => fleet.at(0).results.get(id) === 'CLUSTER_STORE_BUSY')).toHaveLength(2);
  });

  it('deletes that a failed node has not seen: it must take a full copy when it returns', () => {
    const fleet = Fleet.ready(3, { options: { deletesMax: 100 } });
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    for (let at = 0; at < 500; at++) fleet.set(a, `k${at}`, 'v');
    fleet.run(3_000);
    fleet.split([a, b], [c]);
    for (let at = 0; at < 499; at++) fleet.delete(a, `k${at}`);
    fleet.run(5_000);
    expect(a.machine.status().deletes).toBe(0);
    fleet.heal();
    fleet.run(3_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual({ k499: 'v' });
  });

  it('deletes that a node which is up cannot be told', () => {
    const fleet = Fleet.ready(3, { options: { deletesMax: 100 } });
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    for (let at = 0; at < 500; at++) fleet.set(a, `k${at}`, 'v');
    fleet.run(3_000);
    for (const site of [a, b]) fleet.give(site, { type: 'congested', incarnation: c.info.incarnation });
    for (let at = 0; at < 499; at++) fleet.delete(a, `k${at}`);
    fleet.run(5_000);
    expect(a.machine.status().deletes).toBe(0);
    for (const site of [a, b]) fleet.give(site, { type: 'drained', incarnation: c.info.incarnation });
    fleet.run(3_000);
    for (const site of fleet.alive) {
      expect(fleet.content(site)).toEqual({ k499: 'v' });
      expect(site.machine.status().ready).toBe(true);
    }
  });

  it('the memory of expiries that were overtaken', () => {
    const expiry = new Expiry((key, at) => key === 'k' && at === 100_000);
    expiry.living = 1;
    for (let at = 1; at <= 100_000; at++) expiry.add('k', at);
    expect(expiry.length).toBeLessThan(3_000);
    expect(expiry.take(200_000)).toBe('k');
    expect(expiry.take(200_000)).toBeUndefined();
  });

  it('and what one addition looks at, whatever was overtaken (S7)', () => {
    const times = new Map<string, number>();
    let looks = 0;
    const expiry = new Expiry((key, at) => {
      looks++;
      return times.get(key) === at;
    });
    let most = 0;
    for (let at = 1; at <= 100_000; at++) {
      const key = `k${(at * 7_919) % 10_007}`;
      if (!times.has(key)) expiry.living++;
      times.set(key, at);
      looks = 0;
      expiry.add(key, at);
      most = Math.max(most, looks);
    }
    expect(most).toBeLessThan(10);
    expect(expiry.length).toBeLessThan(40_000);
    const taken: number[] = [];
    for (let key = expiry.take(200_000); key !== undefined; key = expiry.take(200_000)) {
      taken.push(times.get(key) as number);
      times.delete(key);
    }
    expect(taken).toHaveLength(10_007);
    expect(taken).toEqual([...taken].sort((one, other) => one - other));
  });

  it('what a round looks at of processes that ended long ago', () => {
    const past = 1_000;
    const origins = new Origins(replicaOf('self'), 16);
    const peer = origins.of(replicaOf('peer'));
    let looks = 0;
    class Told extends Map<number, DotSet> {
      override get(index: number): DotSet | undefined {
        looks++;
        return super.get(index);
      }
    }
    const report = new Told();
    const floors = new Told();
    const roster = [{ origin: peer.index, report, floors, linked: true, greeted: true } as unknown as Peer];
    for (let at = 0; at < past; at++) {
      const origin = origins.of(replicaOf(`past${at}`));
      origin.dots.addAll({ base: 5, above: [] });
      for (const told of [report, floors]) told.set(origin.index, { base: 5, above: [] });
    }
    const stability = new Stability(origins, { map: new Map() } as unknown as Entries);
    const looksOf = (): number => {
      looks = 0;
      stability.advance(roster, true);
      stability.work();
      return looks;
    };
    for (let round = 0; round < 5; round++) looksOf();
    expect(origins.at(past).isSettled(6)).toBe(true);
    expect(looksOf()).toBeLessThan(20);
    // Until somebody tells of more.
    const index = peer.index + 1;
    for (const [at, dots] of origins.read([{ origin: 0, base: 6, above: [] }], [index])) report.set(at, dots);
    looksOf();
    expect(origins.at(index).isSettled(6)).toBe(false);
  });

  it('what one write drops of a log that is full (S7)', () => {
    const log = new DotLog(10_000);
    let most = 0;
    let longest = 0;
    for (let counter = 1; counter <= 50_000; counter++) {
      let lost = 0;
      log.add(counter, `k${counter}`, () => lost++);
      most = Math.max(most, lost);
      longest = Math.max(longest, log.to - log.from);
    }
    expect(most).toBeLessThan(100);
    expect(longest).toBeLessThanOrEqual(10_000);
    expect(log.get(log.from)).toBe(`k${log.from}`);
  });
});

describe('numbers that leave no room to count on', () => {
  const end = Number.MAX_SAFE_INTEGER;

  it('make no node count beyond what can be told', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    fleet.set(a, 'k', '1');
    fleet.run(100);
    const replicas = [b, a].map(({ info: { name, incarnation } }) => ({ name, incarnation, generation: 0 }));
    const [side] = replicas;
    if (side === undefined) throw new Error('nobody');
    const clock = [{ origin: 1, base: end, above: [] }];
    const from = b.info.incarnation;
    fleet.give(a, {
      type: 'message',
      from,
      message: {
        type: 'clock',
        replicas,
        full: true,
        clock,
        floor: [],
        ready: true,
        fenced: null,
        chosen: false,
        side,
        quorum: true,
        apart: [],
        recovery: 'manual',
        recoveryTime: end,
        reply: false,
      },
    });
    fleet.give(a, {
      type: 'message',
      from,
      message: {
        type: 'chunk',
        session: 1,
        seq: 0,
        replicas,
        states: [],
        whole: false,
        first: null,
        last: { clock, floor: [], fenced: [] },
      },
    });
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

describe('a node without a store', () => {
  it('is not waited for', () => {
    const fleet = Fleet.ready(2);
    const [a] = [fleet.at(0)];
    const node = {
      ...a.info,
      name: 'bare' as NodeName,
      incarnation: 'f'.repeat(32) as Incarnation,
      dataPort: 0,
    };
    fleet.give(a, { type: 'peerUp', node });
    const id = fleet.set(a, 'k', 'v', 'all');
    fleet.delete(a, 'k');
    fleet.run(5_000);
    expect(a.results.get(id)).toBe('acked');
    expect(a.machine.status().deletes).toBe(0);
  });
});
