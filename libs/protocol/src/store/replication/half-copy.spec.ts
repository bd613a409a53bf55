/**
 * A node whose copy lost its source: what it has may have been deleted since (S4); yet it may hold alone what was confirmed
 * (S2).
 */
import { Fleet } from '../fleet.fixture.js';

/** One node deletes a key while another that a newcomer copies says goodbye; then the newcomer reaches the first. */
function orphan(seed: number, keysFirst: number, apartMs: number) {
  const fleet = Fleet.ready(2, { seed, size: 3, options: { batchBytesMax: 500 } });
  const [here, source] = [fleet.at(0), fleet.at(1)];
  fleet.set(here, 'k', 'deleted soon');
  for (let number = 0; number < 300; number++) fleet.set(here, `key${number}`, 'v', 'local');
  fleet.run(6_000);
  const newcomer = fleet.start('newcomer', [source], [here]);
  for (let ms = 0; ms < 3_000 && newcomer.machine.size < keysFirst; ms++) fleet.run(1);
  fleet.set(source, 'last', 'v', 'local');
  fleet.run(5);
  fleet.delete(here, 'k', 'local');
  fleet.run(2);
  fleet.crash(source, true);
  fleet.run(apartMs);
  const had = fleet.get(newcomer, 'k');
  fleet.meet(newcomer, here);
  fleet.run(10_000);
  return { fleet, here, newcomer, had };
}

describe.each([
  ['half', 100],
  ['whole', 301],
])('a newcomer with a %s copy of one that left', (_, keysFirst) => {
  it.each([500, 1_000, 2_000, 4_000])('shows no key that was deleted, %d ms later', (apartMs) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { fleet, here, newcomer, had } = orphan(seed, keysFirst, apartMs);
      expect(had).toBe('deleted soon');
      expect(newcomer.machine.status().ready).toBe(true);
      for (const site of [here, newcomer]) {
        expect(fleet.get(site, 'k')).toBeUndefined();
        expect(fleet.get(site, 'last')).toBe('v');
        expect(site.machine.size).toBe(301);
      }
    }
  });
});

describe('two halves of a copy', () => {
  it('are merged into a store once a quorum of those that hold them meets (S2, S7)', () => {
    const fleet = Fleet.ready(2, { size: 3, options: { batchBytesMax: 40 } });
    const [first, second] = [fleet.at(0), fleet.at(1)];
    for (let at = 0; at < 200; at++) fleet.set(first, `k${at}`, 'v', 'local');
    fleet.run(1_000);
    const half = fleet.start('half', [first], [second]);
    fleet.run(20);
    expect(half.machine.size).toBeGreaterThan(0);
    fleet.crash(second);
    fleet.crash(first);
    fleet.run(60_000);
    expect([half.machine.status().ready, half.machine.size < 200]).toEqual([false, true]);
    const late = fleet.start('late');
    fleet.run(1_000);
    for (const site of [half, late]) expect(fleet.readiness(site)).toHaveLength(1);
    expect(fleet.content(late)).toEqual(fleet.content(half));
  });

  it('say that what they began with may be incomplete (S7)', () => {
    const fleet = Fleet.ready(2, { size: 3, options: { batchBytesMax: 40 } });
    const [first, second] = [fleet.at(0), fleet.at(1)];
    for (let at = 0; at < 200; at++) fleet.set(first, `k${at}`, 'v', 'local');
    fleet.run(1_000);
    const half = fleet.start('half', [first], [second]);
    fleet.run(20);
    fleet.crash(second);
    fleet.crash(first);
    fleet.start('late');
    fleet.run(1_000);
    expect(fleet.readiness(half)).toEqual([false]);
  });
});
