import { Fleet, type Site } from '../fleet.fixture.js';

/** Three nodes, of which the last is away while the others delete all keys but one. */
function deletedWhileAway(away: (fleet: Fleet, site: Site) => void): { fleet: Fleet; site: Site } {
  const fleet = Fleet.ready(3, { options: { logMax: 100 } });
  const [a, , c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
  for (let at = 0; at < 500; at++) fleet.set(a, `k${at}`, 'v', 'local');
  fleet.run(3_000);
  away(fleet, c);
  for (let at = 0; at < 499; at++) fleet.delete(a, `k${at}`, 'local');
  fleet.run(5_000);
  return { fleet, site: c };
}

describe('deletes (S4)', () => {
  it('leave nothing behind, on no node, and a newcomer is told of none', () => {
    const fleet = Fleet.ready(3);
    for (let at = 0; at < 100; at++) fleet.set(fleet.at(at % 3), `k${at}`, 'v');
    fleet.run(10);
    for (let at = 0; at < 100; at++) fleet.delete(fleet.at((at + 1) % 3), `k${at}`);
    fleet.run(10);
    expect(fleet.alive.map(({ machine }) => machine.size)).toEqual([0, 0, 0]);
    let states = 0;
    fleet.letThrough = (message) => {
      if (message.type === 'chunk') for (const part of message.parts) states += part.states.length;
      if (message.type === 'recent') states += message.states.length;
      return true;
    };
    const late = fleet.start('late');
    fleet.run(200);
    expect([late.machine.status().ready, late.machine.size, states]).toEqual([true, 0, 0]);
  });

  it('reach a node that was away, for however long', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(a, 'k', 'v');
    fleet.run(10);
    fleet.split([a, b], [c]);
    fleet.delete(a, 'k');
    fleet.run(3_600_000);
    expect(fleet.get(c, 'k')).toBe('v');
    fleet.heal();
    fleet.run(200);
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual([undefined, undefined, undefined]);
    expect(fleet.changes(c, 'k').map(({ type }) => type)).toEqual(['written', 'deleted']);
  });

  it('reach a node that was away while more was deleted than the logs remember (S8)', () => {
    const { fleet } = deletedWhileAway((all, site) => all.split(all.sites.slice(0, 2), [site]));
    fleet.heal();
    fleet.run(3_000);
    for (const each of fleet.alive) expect(fleet.content(each)).toEqual({ k499: 'v' });
  });

  it('reach a node that is up and could not be told of them in time (S8)', () => {
    const { fleet, site } = deletedWhileAway((all, { info: { incarnation } }) => {
      for (const each of all.sites.slice(0, 2)) all.give(each, { type: 'congested', incarnation });
    });
    const { incarnation } = site.info;
    expect(site.machine.size).toBe(500);
    for (const each of fleet.sites.slice(0, 2)) fleet.give(each, { type: 'drained', incarnation });
    fleet.run(3_000);
    for (const each of fleet.alive) {
      expect(fleet.content(each)).toEqual({ k499: 'v' });
      expect(each.machine.status().ready).toBe(true);
    }
  });

  it('reach a node that was away when everybody who had made them has been restarted since', () => {
    const fleet = Fleet.ready(4);
    const [a, b, c, d] = [fleet.at(0), fleet.at(1), fleet.at(2), fleet.at(3)];
    for (const key of ['gone', 'kept']) fleet.set(a, key, 'v');
    fleet.run(10);
    fleet.split([a, b, c], [d]);
    fleet.delete(a, 'gone');
    fleet.run(1_000);
    for (const site of [a, b, c]) {
      fleet.crash(site);
      fleet.run(500);
      fleet.start(
        site.info.name,
        fleet.alive.filter((other) => other !== d),
      );
      fleet.run(2_000);
    }
    fleet.heal();
    fleet.run(2_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual({ kept: 'v' });
  });

  it('cost a node that was away nothing of what it wrote meanwhile: nobody drops anything because of another', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    for (const key of ['gone', 'kept']) fleet.set(a, key, 'v');
    fleet.run(10);
    fleet.split([a, b], [c]);
    fleet.delete(a, 'gone');
    fleet.set(c, 'more', 'written while away', 'local');
    fleet.run(200_000);
    fleet.heal();
    fleet.run(2_000);
    for (const site of fleet.alive)
      expect(fleet.content(site)).toEqual({ kept: 'v', more: 'written while away' });
    const told = fleet.changes(c).map(({ type, key }) => `${type} ${key}`);
    expect(told.filter((line) => line.endsWith('kept'))).toEqual(['written kept']);
    expect(told.at(-1)).toBe('deleted gone');
    const id = fleet.set(c, 'new', 'v', 'all');
    fleet.run(50);
    expect([c.results.get(id), fleet.get(a, 'new')]).toEqual(['acked', 'v']);
  });

  it('do not cost the majority what it has confirmed, however many a minority made (S2)', () => {
    for (const logMax of [100_000, 10]) {
      const fleet = Fleet.ready(3, { options: { logMax } });
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
      fleet.heal();
      fleet.run(3_000);
      for (const site of fleet.alive) {
        expect(site.machine.status().ready).toBe(true);
        expect(fleet.content(site)).toEqual({ confirmed: 'v' });
      }
    }
  });

  it('work as ever after a node died with a write that nobody else has', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(b, 'k', 'v');
    fleet.run(10);
    fleet.weather.loss = 1;
    fleet.set(a, 'lost', 'v');
    fleet.run(1);
    fleet.weather.loss = 0;
    fleet.crash(a);
    fleet.start(a.info.name);
    fleet.run(100);
    const id = fleet.delete(c, 'k', 'all');
    fleet.run(50);
    expect(c.results.get(id)).toBe('acked');
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual({});
  });

  it.each([5, -5])('leave a concurrent write as it is, be it older or newer (S3, %d ms)', (deletedAt) => {
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
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual(['other', 'other']);
  });
});

it.each([
  [1, 800, 8],
  [4, 900, 6],
  [4, 900, 10],
  [6, 800, 8],
])(
  'S2: a delete that reaches a node from another cluster takes no later write with it (seed %d, %d ms, %d ms)',
  (seed, meetAfterMs, writeAfterMs) => {
    const fleet = new Fleet({ seed });
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
