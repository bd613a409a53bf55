import { contentOf } from './checks.js';
import type { Incarnation, NodeName } from '../node.js';
import { Expiry } from './expiry.js';
import { bytes, Fleet, textOf } from './fleet.fixture.js';
import { wallOf } from './hybrid-time.js';

describe('writes (S1, S2)', () => {
  it('reach every node and resolve at their level', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    const local = fleet.set(a, 'k', 'one', 'local');
    expect(a.results.get(local)).toBe('acked');
    const quorum = fleet.set(a, 'k', 'two', 'quorum');
    const all = fleet.set(a, 'k', 'three', 'all');
    expect(a.results.get(quorum)).toBeUndefined();
    fleet.run(50);
    expect([quorum, all].map((id) => a.results.get(id))).toEqual(['acked', 'acked']);
    expect([a, b, c].map((site) => fleet.get(site, 'k'))).toEqual(['three', 'three', 'three']);
  });

  it('are rejected after the timeout when too few nodes confirm', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.split([a], [b, c]);
    const id = fleet.set(a, 'k', 'alone');
    fleet.run(4_900);
    expect(a.results.get(id)).toBeUndefined();
    fleet.run(200);
    expect(a.results.get(id)).toBe('CLUSTER_QUORUM_UNAVAILABLE');
  });

  it('of all do not wait for a node that went down', () => {
    const fleet = Fleet.ready(3);
    const id = fleet.set(fleet.at(0), 'k', 'v', 'all');
    fleet.crash(fleet.at(2));
    fleet.run(50);
    expect(fleet.at(0).results.get(id)).toBe('acked');
  });
});

describe('concurrent writes (S3)', () => {
  const words = (fleet: Fleet): (string | undefined)[] => fleet.alive.map((site) => fleet.get(site, 'k'));

  it('show the later one everywhere when there is no resolver', () => {
    const fleet = Fleet.ready(3);
    fleet.set(fleet.at(0), 'k', 'early');
    fleet.mono += 0.5;
    fleet.set(fleet.at(1), 'k', 'late');
    fleet.run(50);
    expect(words(fleet)).toEqual(['late', 'late', 'late']);
    expect(fleet.alive.map(({ machine }) => machine.status().conflicts)).toEqual([1, 1, 1]);
  });

  it('go to the resolver in the same order on all nodes', () => {
    const fleet = Fleet.ready(3, {
      resolver: (key, candidates) =>
        bytes(`${key}:${candidates.map(({ value }) => textOf(value)).join('>')}`),
    });
    for (const site of fleet.alive) fleet.set(site, 'k', `from ${site.info.name}`);
    fleet.run(50);
    expect(new Set(words(fleet)).size).toBe(1);
    expect(words(fleet)[0]).toMatch(/^k:from n.>from n.>from n.$/);
    fleet.set(fleet.at(1), 'k', 'settled');
    fleet.run(50);
    expect(words(fleet)).toEqual(['settled', 'settled', 'settled']);
  });

  it('never reach the resolver when one has seen the other', () => {
    const resolver = jest.fn(() => bytes('never'));
    const fleet = Fleet.ready(3, { resolver });
    for (let round = 0; round < 30; round++) {
      fleet.set(fleet.at(round % 3), 'k', `${round}`);
      fleet.run(5);
    }
    expect(resolver).not.toHaveBeenCalled();
    expect(words(fleet)).toEqual(['29', '29', '29']);
  });

  it('take the latest when the resolver throws, which is counted and told', () => {
    const fleet = Fleet.ready(2, {
      resolver: () => {
        throw new Error('no idea');
      },
    });
    fleet.set(fleet.at(0), 'k', 'a');
    fleet.mono += 1;
    fleet.set(fleet.at(1), 'k', 'b');
    fleet.run(50);
    expect(words(fleet)).toEqual(['b', 'b']);
    for (const { machine, effects } of fleet.alive) {
      expect(machine.status().resolverFailures).toBe(1);
      expect(effects).toContainEqual(
        expect.objectContaining({ type: 'conflict', key: 'k', siblings: 2, threw: new Error('no idea') }),
      );
    }
  });

  it('are not made of a write that arrives after what replaced it', () => {
    const resolver = jest.fn(() => bytes('never'));
    const fleet = Fleet.ready(3, { resolver });
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.weather.delayMs = (from, to) => (from === c && to === b ? 80 : 1);
    fleet.set(c, 'k', 'first');
    fleet.run(2);
    fleet.set(a, 'k', 'second');
    fleet.run(2);
    fleet.set(a, 'k', 'third');
    fleet.run(5);
    expect(words(fleet)).toEqual(['third', 'third', 'third']);
    fleet.run(5_000);
    expect(words(fleet)).toEqual(['third', 'third', 'third']);
    expect(fleet.changes(b, 'k').map(({ node }) => node.name)).toEqual(['n0', 'n0']);
    expect(resolver).not.toHaveBeenCalled();
  });

  it('become one value again once all nodes hold them', () => {
    const fleet = Fleet.ready(3, { resolver: () => bytes('both') });
    fleet.set(fleet.at(0), 'k', 'a');
    fleet.set(fleet.at(1), 'k', 'b');
    fleet.run(5_000);
    const late = fleet.start('late');
    fleet.run(1_000);
    expect(words(fleet)).toEqual(['both', 'both', 'both', 'both']);
    expect(late.machine.status().conflicts).toBe(0);
  });
});

describe('deletes (S4)', () => {
  it('leave nothing behind once every node has them', () => {
    const fleet = Fleet.ready(3);
    for (let at = 0; at < 100; at++) fleet.set(fleet.at(at % 3), `k${at}`, 'v');
    fleet.run(10);
    for (let at = 0; at < 100; at++) fleet.delete(fleet.at((at + 1) % 3), `k${at}`);
    fleet.run(10);
    expect(fleet.at(0).machine.status()).toMatchObject({ size: 0, deletes: 100 });
    fleet.run(4_000);
    for (const { machine } of fleet.alive) expect(machine.status()).toMatchObject({ size: 0, deletes: 0 });
  });

  it('are remembered while a node is away, and reach it when it returns', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(a, 'k', 'v');
    fleet.run(10);
    fleet.split([a, b], [c]);
    fleet.delete(a, 'k');
    fleet.run(60_000);
    expect(fleet.get(c, 'k')).toBe('v');
    fleet.heal();
    fleet.run(200);
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual([undefined, undefined, undefined]);
    fleet.run(5_000);
    for (const { machine } of fleet.alive) expect(machine.status().deletes).toBe(0);
  });

  it('are not undone by a node that was forgotten: it drops what it holds and takes a full copy', () => {
    const fleet = Fleet.ready(3, { options: { evictAfterMs: 10_000 } });
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(a, 'gone', 'v');
    fleet.set(a, 'kept', 'v');
    fleet.run(10);
    fleet.split([a, b], [c]);
    fleet.delete(a, 'gone');
    fleet.set(c, 'lost', 'written while forgotten', 'local');
    fleet.run(20_000);
    expect(a.machine.status().deletes).toBe(0);
    fleet.heal();
    fleet.run(2_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual({ kept: 'v' });
    expect(c.machine.status().ready).toBe(true);
    const told = fleet.changes(c).map(({ type, key }) => `${type} ${key}`);
    expect(told.slice(-2).sort()).toEqual(['deleted gone', 'deleted lost']);
    expect(told.filter((line) => line === 'written kept')).toHaveLength(1);
    const id = fleet.set(c, 'new', 'v', 'all');
    fleet.run(50);
    expect(c.results.get(id)).toBe('acked');
    expect(fleet.get(a, 'new')).toBe('v');
  });

  it('win over an older and lose against a newer concurrent write', () => {
    for (const [deletedAt, outcome] of [
      [5, undefined],
      [-5, 'other'],
    ] as const) {
      const fleet = Fleet.ready(2);
      fleet.set(fleet.at(0), 'k', 'first');
      fleet.run(20);
      fleet.split([fleet.at(0)], [fleet.at(1)]);
      if (deletedAt < 0) fleet.delete(fleet.at(0), 'k', 'local');
      fleet.run(5);
      fleet.set(fleet.at(1), 'k', 'other', 'local');
      fleet.run(5);
      if (deletedAt > 0) fleet.delete(fleet.at(0), 'k', 'local');
      fleet.heal();
      fleet.run(100);
      expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual([outcome, outcome]);
    }
  });
});

describe('expiry (S5)', () => {
  it('ends an entry on every node with one event each, and never revives it', () => {
    const fleet = Fleet.ready(3);
    fleet.at(1).skewMs = 300;
    fleet.at(2).skewMs = -300;
    fleet.set(fleet.at(0), 'k', 'v', 'quorum', 1_000);
    fleet.run(50);
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual(['v', 'v', 'v']);
    fleet.run(750);
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual(['v', undefined, 'v']);
    fleet.run(1_000);
    for (const site of fleet.alive) {
      expect(fleet.get(site, 'k')).toBeUndefined();
      expect(fleet.changes(site, 'k').map(({ type }) => type)).toEqual(['written', 'deleted']);
      expect(fleet.changes(site, 'k')[1]).toMatchObject({ expired: true });
    }
    fleet.at(1).skewMs = -10_000;
    const late = fleet.start('late');
    fleet.run(5_000);
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(late.machine.status().size).toBe(0);
    for (const { machine } of fleet.alive) expect(machine.status().deletes).toBe(0);
  });

  it('counts anew from a later write, and not at all when that has no ttl', () => {
    const fleet = Fleet.ready(2);
    fleet.set(fleet.at(0), 'k', 'v', 'quorum', 1_000);
    fleet.set(fleet.at(0), 'stays', 'v', 'quorum', 1_000);
    fleet.run(900);
    fleet.set(fleet.at(1), 'k', 'v2', 'quorum', 1_000);
    fleet.set(fleet.at(1), 'stays', 'v2');
    fleet.run(900);
    expect(fleet.content(fleet.at(0))).toEqual({ k: 'v2', stays: 'v2' });
    fleet.run(200);
    expect(fleet.content(fleet.at(0))).toEqual({ stays: 'v2' });
  });

  it('hides an entry that arrives too late', () => {
    const fleet = Fleet.ready(2);
    fleet.split([fleet.at(0)], [fleet.at(1)]);
    fleet.set(fleet.at(0), 'k', 'v', 'local', 100);
    fleet.run(1_000);
    fleet.heal();
    fleet.run(100);
    expect(fleet.changes(fleet.at(1))).toEqual([]);
  });
});

describe('joining (S7)', () => {
  it('ends when the store has been copied, with writes going on and none missed', () => {
    const fleet = Fleet.ready(3, { options: { batchBytesMax: 2_000 } });
    for (let at = 0; at < 2_000; at++) fleet.set(fleet.at(at % 3), `k${at}`, `v${at}`);
    fleet.run(3_000);
    const late = fleet.start('late');
    let rounds = 0;
    for (; !late.machine.status().ready; rounds++) {
      for (const site of fleet.alive.slice(0, 3)) {
        fleet.set(site, `k${(rounds * 7) % 2_000}`, `again ${rounds}`);
        fleet.set(site, `new ${site.info.name} ${rounds}`, 'v');
        fleet.delete(site, `k${(rounds * 11 + 1) % 2_000}`);
      }
      fleet.run(1);
    }
    expect(rounds).toBeGreaterThan(20);
    fleet.run(200);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual(fleet.content(fleet.at(0)));
    expect(fleet.sites.filter(({ machine }) => !machine.status().ready)).toEqual([]);
  });

  it('takes what only a second node has', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    fleet.split([a], [b]);
    fleet.set(a, 'a', 'v', 'local');
    fleet.set(b, 'b', 'v', 'local');
    const late = fleet.start('late');
    fleet.run(100);
    expect(late.machine.status().ready).toBe(true);
    expect(fleet.content(late)).toEqual({ a: 'v', b: 'v' });
  });

  it('goes on with another node when the first one dies half way', () => {
    const fleet = Fleet.ready(3, { options: { batchBytesMax: 500 } });
    for (let at = 0; at < 500; at++) fleet.set(fleet.at(at % 3), `k${at}`, `v${at}`);
    fleet.run(3_000);
    const late = fleet.start('late');
    fleet.run(20);
    expect(late.machine.status().ready).toBe(false);
    fleet.crash(fleet.at(0));
    fleet.run(1_000);
    expect(late.machine.status().ready).toBe(true);
    expect(contentOf(late.machine)).toEqual(contentOf(fleet.at(1).machine));
    expect(late.machine.size).toBe(500);
  });

  it('waits for the store before it takes writes', () => {
    const fleet = new Fleet();
    const alone = fleet.start('alone');
    expect(alone.machine.status().ready).toBe(true);
    const late = fleet.start('late');
    expect(late.results.get(fleet.set(late, 'k', 'v'))).toBe('CLUSTER_STORE_NOT_READY');
  });

  it('lets the most senior begin when all start at once', () => {
    const fleet = new Fleet({ size: 3 });
    for (const name of ['a', 'b', 'c']) fleet.start(name);
    fleet.run(50);
    expect(fleet.alive.map(({ machine }) => machine.status().ready)).toEqual([true, true, true]);
  });

  it('merges two clusters that began apart, with what both had settled', () => {
    const fleet = new Fleet({ size: 4 });
    const [a] = [fleet.start('a', [])];
    fleet.start('b', [a]);
    const c = fleet.start('c', []);
    fleet.start('d', [c]);
    fleet.run(100);
    fleet.set(a, 'a', 'v', 'local');
    fleet.set(a, 'k', 'early', 'local');
    fleet.run(1);
    fleet.set(c, 'c', 'v', 'local');
    fleet.set(c, 'k', 'late', 'local');
    fleet.run(10_000);
    fleet.heal();
    fleet.run(1_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual({ a: 'v', c: 'v', k: 'late' });
  });
});

describe('a peer that cannot keep up', () => {
  it('gets nothing, holds up nobody, and is repaired when it can again', () => {
    const fleet = Fleet.ready(3);
    const [a, , c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.give(a, { type: 'congested', incarnation: c.info.incarnation });
    const ids = Array.from({ length: 500 }, (_, at) => fleet.set(a, `k${at}`, 'v'));
    fleet.run(20);
    expect(ids.every((id) => a.results.get(id) === 'acked')).toBe(true);
    fleet.give(a, { type: 'drained', incarnation: c.info.incarnation });
    fleet.run(50);
    expect(c.machine.size).toBe(500);
  });
});

describe('anti-entropy (S8)', () => {
  it('finds what got lost on the way within a second', () => {
    const fleet = Fleet.ready(3);
    fleet.weather.loss = 1;
    fleet.set(fleet.at(0), 'k', 'v');
    fleet.run(5);
    fleet.weather.loss = 0;
    fleet.run(900);
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual(['v', 'v', 'v']);
  });

  it('takes what a crashed writer told only one node', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.unlink(a, c);
    fleet.set(a, 'k', 'v');
    fleet.run(4);
    fleet.crash(a);
    fleet.run(1_000);
    expect([b, c].map((site) => fleet.get(site, 'k'))).toEqual(['v', 'v']);
  });

  it('says little when there is nothing to say, however much is stored', () => {
    const fleet = Fleet.ready(3);
    for (let at = 0; at < 5_000; at++) fleet.set(fleet.at(at % 3), `k${at}`, 'v');
    fleet.run(3_000);
    const before = fleet.sent;
    fleet.run(10_000);
    expect(fleet.sent - before).toBeLessThanOrEqual(3 * 2 * 21);
  });

  it('reads through the store when the logs do not reach back', () => {
    const fleet = Fleet.ready(2, { options: { logMax: 100 } });
    fleet.split([fleet.at(0)], [fleet.at(1)]);
    for (let at = 0; at < 1_000; at++) fleet.set(fleet.at(0), `k${at}`, 'v', 'local');
    fleet.delete(fleet.at(0), 'k1', 'local');
    fleet.heal();
    fleet.run(500);
    expect(fleet.at(1).machine.size).toBe(999);
    fleet.run(5_000);
    for (const { machine } of fleet.alive) expect(machine.status().deletes).toBe(0);
  });
});

describe('clear', () => {
  it('deletes every key that is there', () => {
    const fleet = Fleet.ready(3);
    for (let at = 0; at < 5_000; at++) fleet.set(fleet.at(at % 3), `k${at}`, 'v');
    fleet.run(20);
    const id = fleet.ask(fleet.at(1), (ask) => ({ type: 'clear', id: ask, ack: 'all' }));
    fleet.run(50);
    expect(fleet.at(1).results.get(id)).toBe('acked');
    expect(fleet.alive.map(({ machine }) => machine.size)).toEqual([0, 0, 0]);
  });
});

describe('time that is wrong', () => {
  it('of one node neither drags the others along nor wins for ever', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    b.skewMs = 1_000 * 365 * 86_400_000;
    fleet.set(b, 'k', 'from far ahead');
    fleet.run(50);
    expect(fleet.get(a, 'k')).toBe('from far ahead');
    fleet.set(a, 'k', 'now');
    fleet.run(50);
    expect(fleet.get(b, 'k')).toBe('now');
    const { time = 0 } = a.machine.lookup('k') ?? {};
    expect(wallOf(time) - 1_700_000_000_000).toBeLessThan(10 * 60_000);
  });
});

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
});

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
