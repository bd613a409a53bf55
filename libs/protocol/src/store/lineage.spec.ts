import { Fleet, type Site } from './fleet.fixture.js';

/** What it told of being ready, in order. */
function readiness({ effects }: Site): boolean[] {
  return effects.flatMap((effect) => (effect.type === 'ready' ? effect.ready : []));
}

/** Two nodes have deleted a key, and forgotten both that and a third node, which still has it. */
function forgotten(): { fleet: Fleet; a: Site; b: Site; alone: Site } {
  const fleet = Fleet.ready(3, { options: { evictAfterMs: 5_000, batchBytesMax: 4 } });
  const [a, b, alone] = [fleet.at(0), fleet.at(1), fleet.at(2)];
  for (let at = 0; at < 20; at++) fleet.set(a, `k${at}`, 'v');
  fleet.set(a, 'gone', 'v');
  fleet.run(10);
  fleet.split([a, b], [alone]);
  fleet.delete(a, 'gone');
  fleet.set(alone, 'k0', 'written while forgotten', 'local');
  fleet.run(10_000);
  return { fleet, a, b, alone };
}

describe('a newcomer between two stores (S3, S4)', () => {
  const kept = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`k${at}`, 'v']));

  it.each(['first', 'last'])('copies that of the quorum, met %s', (turn) => {
    const { fleet, a, b, alone } = forgotten();
    const late = fleet.start('late', turn === 'first' ? [a, alone] : [alone, a], [b]);
    fleet.run(200);
    fleet.heal();
    fleet.run(5_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual(kept);
    expect(late.machine.status().ready).toBe(true);
  });

  it('takes no new writes of the other one', () => {
    const { fleet, a, b, alone } = forgotten();
    const late = fleet.start('late', [a, alone], [b]);
    fleet.run(20);
    expect(late.machine.status().ready).toBe(false);
    for (const key of ['gone', 'k1', 'only']) fleet.set(alone, key, 'by the forgotten one', 'local');
    fleet.run(180);
    fleet.heal();
    fleet.run(5_000);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual(kept);
  });

  it('takes the other one when the first cannot be reached, and does not ask again and again before', () => {
    const fleet = new Fleet({ size: 5, options: { evictAfterMs: 5_000, batchBytesMax: 40 } });
    const [a, other] = [fleet.start('a'), fleet.start('other')];
    fleet.run(300);
    for (let at = 0; at < 40; at++) fleet.set(a, `k${at}`, 'v', 'local');
    fleet.run(3_000);
    fleet.split([a], [other]);
    for (let at = 0; at < 40; at++)
      for (const site of [a, other]) fleet.set(site, `k${at}`, site.info.name, 'local');
    fleet.run(15_000);
    const late = fleet.start('late', [a], [other]);
    fleet.run(8);
    fleet.meet(late, other);
    fleet.run(10);
    fleet.unlink(late, a);
    const before = fleet.sent;
    fleet.run(3_000);
    expect(late.machine.status().ready).toBe(false);
    expect(fleet.sent - before).toBeLessThan(50);
    fleet.run(10_000);
    expect(fleet.content(late)).toEqual(fleet.content(other));
    expect(readiness(late)).toEqual([true]);
  });
});

describe('one store only', () => {
  it('is not taken for another one when its source ended half way', () => {
    const fleet = new Fleet({ size: 3, options: { batchBytesMax: 40 } });
    const first = fleet.start('first');
    fleet.run(100);
    for (let at = 0; at < 200; at++) fleet.set(first, `k${at}`, 'v', 'local');
    fleet.run(5_000);
    const half = fleet.start('half');
    fleet.run(30);
    expect(half.machine.status().ready).toBe(false);
    fleet.crash(first);
    fleet.run(1_000);
    const late = fleet.start('late');
    fleet.run(60_000);
    for (const site of [half, late]) expect(readiness(site)).toEqual([true]);
    expect(fleet.content(late)).toEqual(fleet.content(half));
  });

  it('is made of two that began apart', () => {
    const fleet = new Fleet({ size: 5, options: { batchBytesMax: 40 } });
    const a = fleet.start('a', []);
    const mates = [fleet.start('b', [a])];
    mates.push(fleet.start('c', [a, ...mates]));
    const other = fleet.start('other', []);
    fleet.run(100);
    for (let at = 0; at < 20; at++)
      for (const site of [a, other]) fleet.set(site, `${site.info.name}${at}`, 'v', 'local');
    fleet.run(6_000);
    const late = fleet.start('late', [a, ...mates, other]);
    fleet.run(4_000);
    fleet.heal();
    fleet.run(4_000);
    for (const site of fleet.alive) expect(readiness(site)).toEqual([true]);
    for (const site of fleet.alive) expect(fleet.content(site)).toEqual(fleet.content(late));
    expect(late.machine.size).toBe(40);
  });
});
