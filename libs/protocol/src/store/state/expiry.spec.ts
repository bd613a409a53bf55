import { Fleet } from '../fleet.fixture.js';
import { Expiry } from './expiry.js';

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

  it('takes only some keys per step, and the rest at once after it (S7)', () => {
    const fleet = Fleet.ready(2);
    for (let at = 0; at < 1_300; at++) fleet.set(fleet.at(0), `k${at}`, 'v', 'local', 1_000);
    fleet.run(1_100);
    expect(fleet.alive.map(({ machine }) => machine.size)).toEqual([0, 0]);
    expect(fleet.changes(fleet.at(1)).filter(({ type }) => type === 'deleted')).toHaveLength(1_300);
  });
});

describe('the times at which keys expire', () => {
  it('are bounded in memory, however often a key is written', () => {
    const expiry = new Expiry((key, at) => key === 'k' && at === 100_000);
    expiry.living = 1;
    for (let at = 1; at <= 100_000; at++) expiry.add('k', at);
    expect(expiry.length).toBeLessThan(3_000);
    expect(expiry.take(200_000)).toBe('k');
    expect(expiry.take(200_000)).toBeUndefined();
  });

  it('are swept a few at a time, so that no addition takes long (S7)', () => {
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
});
