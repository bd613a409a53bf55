import { Fleet } from './fleet.fixture.js';

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

  it('do not cost the majority what it has confirmed, whoever forgot whom (S2)', () => {
    for (const deletesMax of [1_000_000, 10]) {
      // The node that is alone has the smallest incarnation, and in the second case only that node has forgotten anybody.
      const options = { deletesMax, evictAfterMs: deletesMax === 10 ? 86_400_000 : 5_000 };
      const fleet = Fleet.ready(3, { options });
      const [alone, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
      fleet.set(b, 'gone', 'v');
      fleet.run(10);
      fleet.split([alone], [b, c]);
      const id = fleet.set(b, 'confirmed', 'v');
      fleet.delete(alone, 'gone', 'local');
      for (let at = 0; at < 20; at++) {
        fleet.set(alone, `k${at}`, 'v', 'local');
        fleet.delete(alone, `k${at}`, 'local');
      }
      fleet.run(10_000);
      expect(b.results.get(id)).toBe('acked');
      expect(alone.machine.status().deletes).toBe(0);
      fleet.heal();
      fleet.run(3_000);
      for (const site of fleet.alive) {
        expect(site.machine.status().ready).toBe(true);
        expect(fleet.content(site)).toEqual({ confirmed: 'v', gone: 'v' });
      }
    }
  });

  it('are forgotten although a node took writes with it that nobody else has', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.weather.loss = 1;
    fleet.set(a, 'lost', 'v');
    fleet.run(1);
    fleet.weather.loss = 0;
    fleet.set(a, 'k', 'v');
    fleet.run(4);
    expect([b, c].map((site) => fleet.content(site))).toEqual([{ k: 'v' }, { k: 'v' }]);
    fleet.crash(a);
    fleet.start(a.info.name);
    fleet.run(100);
    fleet.delete(b, 'k');
    fleet.run(8_000);
    for (const { machine } of fleet.alive) expect(machine.status().deletes).toBe(0);
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

  it('hides an entry whose writer has a slow clock', () => {
    const fleet = Fleet.ready(2);
    fleet.at(0).skewMs = -10_000;
    fleet.set(fleet.at(0), 'k', 'v', 'quorum', 1_000);
    fleet.run(100);
    expect(fleet.get(fleet.at(0), 'k')).toBe('v');
    expect(fleet.changes(fleet.at(1))).toEqual([]);
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

it.each([
  [1, 800, 8],
  [4, 900, 6],
  [4, 900, 10],
  [6, 800, 8],
])(
  'S2: a delete that is repeated, for one who had not heard of it, takes no later write with it (seed %d, %d ms, %d ms)',
  (seed, meetAfterMs, writeAfterMs) => {
    const fleet = new Fleet({ seed, size: 3 });
    const [one, two] = [fleet.start('n0'), fleet.start('n1')];
    fleet.run(300);
    const stranger = fleet.start('n2', []);
    fleet.run(300);
    fleet.set(stranger, 'k', 'of the stranger', 'local');
    fleet.run(2_000);
    fleet.set(one, 'k', 'v');
    fleet.run(100);
    fleet.delete(one, 'k');
    fleet.run(meetAfterMs);
    fleet.meet(one, stranger);
    fleet.meet(two, stranger);
    fleet.run(writeAfterMs);
    const written = fleet.set(two, 'k', 'after the delete');
    fleet.run(3_000);
    expect(two.results.get(written)).toBe('acked');
    expect(fleet.sites.map((site) => fleet.get(site, 'k'))).toEqual(Array(3).fill('after the delete'));
  },
);
