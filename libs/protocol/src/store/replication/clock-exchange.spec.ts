import { Fleet } from '../fleet.fixture.js';
import type { MessageOf } from '../message.js';

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

describe('a clock', () => {
  const clocks = (fleet: Fleet, ms: number) => {
    const seen: MessageOf<'clock'>[] = [];
    fleet.letThrough = (message) => {
      if (message.type === 'clock') seen.push(message);
      return true;
    };
    fleet.run(ms);
    fleet.letThrough = () => true;
    return seen;
  };

  it('does not mention processes that ended long ago, but for now and then (S8)', () => {
    const fleet = Fleet.ready(2);
    for (let life = 0; life < 30; life++) {
      const last = fleet.alive.at(-1);
      if (last === undefined) throw new Error('nobody');
      fleet.set(last, `k${life}`, 'v');
      fleet.run(20);
      fleet.crash(last);
      fleet.start('n1');
      fleet.run(200);
    }
    fleet.run(10_000);
    const seen = clocks(fleet, 60_000);
    expect(seen.length).toBeGreaterThan(20);
    const long = seen.filter(({ clock }) => clock.length > 3);
    expect(long.length).toBeLessThanOrEqual(seen.length / 4);
    for (const { clock } of long) expect(clock.length).toBeGreaterThanOrEqual(30);
  });

  it('goes out seldom while nothing happens, and with each round while something does', () => {
    const fleet = Fleet.ready(3);
    fleet.run(10_000);
    const calm = clocks(fleet, 10_000).length;
    fleet.set(fleet.at(0), 'k', 'v');
    const busy = clocks(fleet, 1_600).length;
    expect(calm).toBeLessThanOrEqual(6 * 5);
    expect(busy).toBeGreaterThanOrEqual(6 * 2);
  });

  it('that is lost is made up for by the next ones (S2)', () => {
    const fleet = Fleet.ready(3);
    const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    let lost = 0;
    fleet.letThrough = ({ type }, from, to) => {
      const isLost = (type === 'deltas' || (type === 'clock' && lost < 2)) && from === a && to === c;
      lost += Number(isLost && type === 'clock');
      return !isLost;
    };
    fleet.set(a, 'k', 'v');
    fleet.run(5_000);
    expect([a, b, c].map((site) => fleet.get(site, 'k'))).toEqual(['v', 'v', 'v']);
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
});
