import { contentOf } from '../checks.js';
import { Fleet } from '../fleet.fixture.js';

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

  it('fetches what others learned while it waited for a node that does not answer', () => {
    const fleet = Fleet.ready(3);
    const [a, b, silent] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    // Writes of the two come by repair alone, which a node that joins asks for itself.
    fleet.letThrough = ({ type }, _from, to) => type !== 'deltas' || to === a || to === b;
    const late = fleet.start('late', [a, b], [silent]);
    fleet.run(2_500);
    expect(late.machine.status().ready).toBe(false);
    fleet.set(a, 'meanwhile', 'v', 'local');
    fleet.run(1_500);
    fleet.crash(silent);
    let ready: Record<string, string> | undefined;
    while (ready === undefined) {
      fleet.run(1);
      if (late.machine.status().ready) ready = fleet.content(late);
    }
    expect(ready).toEqual({ meanwhile: 'v' });
  });

  it('goes on with another node when the first one dies half way', () => {
    const fleet = Fleet.ready(3, { options: { batchBytesMax: 50 } });
    for (let at = 0; at < 500; at++) fleet.set(fleet.at(at % 3), `k${at}`, `v${at}`);
    fleet.run(3_000);
    const late = fleet.start('late');
    fleet.run(20);
    expect([late.machine.status().ready, late.machine.size > 0]).toEqual([false, true]);
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

  it('copies from two sides of a partition what either has, and what both write meanwhile', () => {
    const fleet = Fleet.ready(3, { options: { batchBytesMax: 4 } });
    const [a, b, alone] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    for (let at = 0; at < 20; at++) fleet.set(a, `k${at}`, 'v');
    fleet.set(a, 'gone', 'v');
    fleet.run(10);
    fleet.split([a, b], [alone]);
    fleet.delete(a, 'gone');
    fleet.set(alone, 'k0', 'written while apart', 'local');
    fleet.run(10_000);
    const late = fleet.start('late', [a, alone], [b]);
    fleet.run(8);
    fleet.set(alone, 'only', 'v', 'local');
    fleet.run(200);
    fleet.heal();
    fleet.run(5_000);
    const all = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`k${at}`, 'v']));
    const expected = { ...all, k0: 'written while apart', only: 'v' };
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual(expected);
    expect(fleet.readiness(late)).toEqual([true]);
  });

  it('makes one store of two clusters that began apart, for a newcomer that meets both', () => {
    const fleet = new Fleet({ options: { batchBytesMax: 40 } });
    const a = fleet.start('a', []);
    fleet.start('b', [a]);
    const other = fleet.start('other', []);
    fleet.run(100);
    for (let at = 0; at < 20; at++)
      for (const site of [a, other]) fleet.set(site, `${site.info.name}${at}`, 'v', 'local');
    fleet.run(6_000);
    const late = fleet.start('late');
    fleet.run(4_000);
    fleet.heal();
    fleet.run(4_000);
    for (const site of fleet.alive) {
      expect(fleet.readiness(site)).toEqual([true]);
      expect(fleet.content(site)).toEqual(fleet.content(late));
    }
    expect(late.machine.size).toBe(40);
  });
});

describe('a node of a cluster whose size or voters are known (S7)', () => {
  it('never begins alone, however long it waits, and however often it was told that discovery has ended', () => {
    const fleet = new Fleet({ size: 3 });
    const alone = fleet.start('a');
    fleet.run(600_000);
    fleet.give(alone, { type: 'settled' });
    fleet.run(600_000);
    expect(fleet.readiness(alone)).toEqual([]);
  });

  it('does not count itself twice: a minority that is linked never begins', () => {
    const fleet = new Fleet({ size: 5 });
    for (const name of ['a', 'b']) fleet.start(name);
    fleet.run(600_000);
    for (const site of fleet.alive) expect(fleet.readiness(site)).toEqual([]);
    fleet.start('c');
    fleet.run(300);
    for (const site of fleet.alive) expect(fleet.readiness(site)).toEqual([true]);
  });

  it('begins only in a group in which everybody is linked with everybody', () => {
    const fleet = new Fleet({ size: 5 });
    const a = fleet.start('a');
    const b = fleet.start('b', [a]);
    const c = fleet.start('c', [b]);
    fleet.run(20_000);
    expect(fleet.alive.flatMap((site) => fleet.readiness(site))).toEqual([]);
    fleet.meet(a, c);
    fleet.run(300);
    for (const site of fleet.alive) expect(fleet.readiness(site)).toEqual([true]);
  });

  it('copies the store of the only survivor, and does not begin beside it', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(a, 'k', 'v', 'all');
    fleet.run(1_000);
    for (const gone of [b, c]) fleet.crash(gone);
    for (const name of ['n1', 'n2']) fleet.start(name);
    fleet.run(1_000);
    for (const site of fleet.alive) {
      expect(fleet.content(site)).toEqual({ k: 'v' });
      expect(fleet.readiness(site)).toEqual([true]);
    }
  });

  it('waits for a member that is up and out of reach, as it may have the store, and no longer than told', () => {
    const fleet = Fleet.ready(3, { options: { joinTimeoutMs: 5_000 } });
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(a, 'k', 'v', 'all');
    fleet.run(1_000);
    for (const gone of [b, c]) fleet.crash(gone);
    const first = fleet.start('n1', [], [a]);
    const second = fleet.start('n2', [first], [a]);
    fleet.run(4_000);
    expect([first, second].flatMap((site) => fleet.readiness(site))).toEqual([]);
    fleet.run(2_000);
    for (const site of [first, second]) expect(fleet.readiness(site)).toEqual([true]);
    fleet.heal();
    fleet.run(1_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual({ k: 'v' });
  });
});

describe('a node of a cluster of unknown size (S7)', () => {
  it('does not begin before discovery has ended', () => {
    const fleet = new Fleet();
    const { give } = fleet;
    fleet.give = (site, input) => (input.type === 'settled' ? undefined : give.call(fleet, site, input));
    const a = fleet.start('a');
    fleet.run(60_000);
    expect(fleet.readiness(a)).toEqual([]);
    give.call(fleet, a, { type: 'settled' });
    expect(fleet.readiness(a)).toEqual([true]);
  });

  it('with half a copy waits for the rest, and then says that it may be incomplete', () => {
    const fleet = new Fleet({ options: { batchBytesMax: 40, joinTimeoutMs: 5_000 } });
    const first = fleet.start('first');
    for (let at = 0; at < 200; at++) fleet.set(first, `k${at}`, 'v', 'local');
    fleet.run(1_000);
    const half = fleet.start('half');
    fleet.run(20);
    expect([half.machine.status().ready, half.machine.size > 0]).toEqual([false, true]);
    fleet.crash(first);
    fleet.run(4_900);
    expect(fleet.readiness(half)).toEqual([]);
    fleet.run(200);
    expect(fleet.readiness(half)).toEqual([false]);
    expect(half.machine.size).toBeLessThan(200);
  });

  it('with half a copy goes on at once when somebody else has the store', () => {
    const fleet = new Fleet({ options: { batchBytesMax: 40, joinTimeoutMs: 5_000 } });
    const first = fleet.start('first');
    fleet.start('second');
    for (let at = 0; at < 200; at++) fleet.set(first, `k${at}`, 'v', 'local');
    fleet.run(1_000);
    const half = fleet.start('half');
    fleet.run(20);
    fleet.crash(first);
    fleet.run(1_000);
    expect([fleet.readiness(half), half.machine.size]).toEqual([[true], 200]);
  });
});

describe('a node that is ready (S7)', () => {
  it('stays so without anybody, and when everybody comes back empty', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(a, 'k', 'v', 'all');
    fleet.run(100);
    for (const gone of [b, c]) fleet.crash(gone);
    fleet.run(60_000);
    expect([a.machine.status().ready, fleet.get(a, 'k')]).toEqual([true, 'v']);
    for (const name of ['n1', 'n2']) fleet.start(name);
    fleet.run(60_000);
    expect(fleet.readiness(a)).toEqual([true]);
  });

  it('had all that every ready node in reach had when the first copy was complete', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    for (const one of [a, b, c]) for (const other of [a, b, c]) if (one !== other) fleet.unlink(one, other);
    for (const site of [a, b, c]) fleet.set(site, site.info.name, 'v', 'local');
    const late = fleet.start('late', [a, b, c]);
    for (let ms = 0; ms < 1_000 && !late.machine.status().ready; ms++) fleet.run(1);
    expect(fleet.content(late)).toEqual({ n0: 'v', n1: 'v', n2: 'v' });
  });
});
