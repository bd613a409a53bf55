import { contentOf } from './checks.js';
import { Fleet, type Site } from './fleet.fixture.js';
import type { StoreOptions } from './options.js';

/** Two nodes, of which the second has taken some of the first one's 30 keys, and gets no new writes meanwhile. */
function halfCopied(options: Partial<StoreOptions>): { fleet: Fleet; a: Site; b: Site } {
  const fleet = Fleet.ready(2, { options: { batchBytesMax: 4, ...options } });
  const [a, b] = [fleet.at(0), fleet.at(1)];
  fleet.split([a], [b]);
  for (let at = 10; at < 40; at++) fleet.set(a, `k${at}`, 'v', 'local');
  fleet.heal();
  fleet.run(20);
  expect(b.machine.size).toBeLessThan(20);
  fleet.give(a, { type: 'congested', incarnation: b.info.incarnation });
  return { fleet, a, b };
}

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

  it('waits for a node that was there before and is too busy to answer', () => {
    const fleet = new Fleet();
    const a = fleet.start('a');
    fleet.set(a, 'k', 'v');
    const late = fleet.start('late', [], [a]);
    fleet.run(20_000);
    expect(late.machine.status().ready).toBe(false);
    fleet.meet(a, late);
    fleet.run(100);
    expect(late.machine.status().ready).toBe(true);
    expect(fleet.content(late)).toEqual({ k: 'v' });
  });

  it('waits for the store before it takes writes', () => {
    const fleet = new Fleet();
    const alone = fleet.start('alone');
    expect(alone.machine.status().ready).toBe(true);
    const late = fleet.start('late');
    expect(late.results.get(fleet.set(late, 'k', 'v'))).toBe('CLUSTER_STORE_NOT_READY');
  });

  it('begins once a quorum of nodes without a store have found each other', () => {
    const fleet = new Fleet({ size: 3 });
    for (const name of ['a', 'b', 'c']) fleet.start(name);
    fleet.run(50);
    expect(fleet.alive.map(({ machine }) => machine.status().ready)).toEqual([true, true, true]);
  });

  it('merges two clusters that began apart, without loss', () => {
    const fleet = new Fleet();
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

  it('sends a key that changes before its turn as it is then', () => {
    const { fleet, a, b } = halfCopied({});
    fleet.set(a, 'k39', 'new', 'local');
    while (b.machine.size < 29) fleet.run(1);
    fleet.run(6);
    expect(fleet.get(b, 'k39')).toBe('new');
  });

  it('misses no key when the log runs full during a copy', () => {
    const { fleet, a, b } = halfCopied({ logMax: 30 });
    for (let at = 10; at < 90; at++) fleet.set(a, `new${at}`, 'v', 'local');
    fleet.run(1_500);
    fleet.give(a, { type: 'drained', incarnation: b.info.incarnation });
    fleet.run(2_000);
    expect(fleet.content(b)).toEqual(fleet.content(a));
    expect(b.machine.size).toBe(110);
  });

  it('reads through the store when the logs do not reach back', () => {
    const fleet = Fleet.ready(2, { options: { logMax: 100 } });
    fleet.split([fleet.at(0)], [fleet.at(1)]);
    for (let at = 0; at < 1_000; at++) fleet.set(fleet.at(0), `k${at}`, 'v', 'local');
    fleet.delete(fleet.at(0), 'k1', 'local');
    fleet.heal();
    fleet.run(500);
    expect(fleet.at(1).machine.size).toBe(999);
  });
});
