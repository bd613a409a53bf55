import type { Incarnation, NodeName } from '../../node.js';
import { Fleet, type Site } from '../fleet.fixture.js';

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

  it('are not confirmed by a node that missed one of them', () => {
    const fleet = Fleet.ready(3);
    const [a, , c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.crash(c);
    fleet.weather.loss = 1;
    const missed = fleet.set(a, 'k1', 'v');
    fleet.run(1);
    fleet.weather.loss = 0;
    const next = fleet.set(a, 'k2', 'v');
    fleet.run(3);
    expect([missed, next].map((id) => a.results.get(id))).toEqual([undefined, undefined]);
    fleet.run(1_000);
    expect([missed, next].map((id) => a.results.get(id))).toEqual(['acked', 'acked']);
    expect(fleet.content(fleet.at(1))).toEqual({ k1: 'v', k2: 'v' });
  });

  it('of all do not wait for a node that went down', () => {
    const fleet = Fleet.ready(3);
    const id = fleet.set(fleet.at(0), 'k', 'v', 'all');
    fleet.crash(fleet.at(2));
    fleet.run(50);
    expect(fleet.at(0).results.get(id)).toBe('acked');
  });
});

describe('writes that wait for confirmation', () => {
  it('are bounded; more of them are refused at once (S1, W5)', () => {
    const fleet = Fleet.ready(3, { options: { writesMax: 10 } });
    fleet.split([fleet.at(0)], [fleet.at(1), fleet.at(2)]);
    const ids = Array.from({ length: 12 }, (_, at) => fleet.set(fleet.at(0), `k${at}`, 'v'));
    expect(ids.filter((id) => fleet.at(0).results.get(id) === 'CLUSTER_STORE_BUSY')).toHaveLength(2);
  });

  it('do not wait for a node that keeps no store (S1)', () => {
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
    fleet.run(5_000);
    expect(a.results.get(id)).toBe('acked');
  });

  it('at `all` wait for a node that is up and out of reach, but not for what it missed before it came (S1)', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    fleet.unlink(a, b);
    const missed = fleet.set(a, 'k', 'v', 'all');
    fleet.run(2_000);
    expect(a.results.get(missed)).toBeUndefined();
    fleet.meet(a, b);
    fleet.run(50);
    expect(a.results.get(missed)).toBe('acked');
  });
});

describe('a delete', () => {
  it('of a key that is not there makes no dot, and is confirmed like any other (S1)', () => {
    const fleet = Fleet.ready(3);
    const before = fleet.sent;
    const ids = (['local', 'quorum', 'all'] as const).map((ack) => fleet.delete(fleet.at(0), 'nothing', ack));
    expect(ids.map((id) => fleet.at(0).results.get(id))).toEqual(['acked', 'acked', 'acked']);
    fleet.give(fleet.at(0), { type: 'flush' });
    expect(fleet.sent).toBe(before);
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

  it('deletes what a node wrote whose clock is far ahead, and nothing that is written after it', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    b.skewMs = 10 * 60_000;
    fleet.set(b, 'old', 'from ahead');
    fleet.run(20);
    fleet.ask(a, (ask) => ({ type: 'clear', id: ask, ack: 'all' }));
    fleet.set(a, 'new', 'after it');
    fleet.run(50);
    expect(fleet.alive.map((site) => fleet.content(site))).toEqual([
      { new: 'after it' },
      { new: 'after it' },
    ]);
  });

  it('works in small steps, and leaves what is written while it runs (S7)', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    for (let at = 0; at < 1_500; at++) fleet.set(a, `k${at}`, 'v', 'local');
    fleet.run(50);
    const id = fleet.ask(a, (ask) => ({ type: 'clear', id: ask, ack: 'all' }));
    expect(a.machine.size).toBeGreaterThan(500);
    for (let at = 0; at < 1_500; at += 100) fleet.set(a, `k${at}`, 'again', 'local');
    fleet.run(50);
    expect(a.results.get(id)).toBe('acked');
    const { length } = Object.values(fleet.content(a)).filter((text) => text === 'again');
    expect([length, a.machine.size]).toEqual([15, 15]);
    expect(fleet.content(b)).toEqual(fleet.content(a));
  });
});

describe('a node that is joining', () => {
  it('counts for the quorum of a write from the moment it is ready (S2)', () => {
    const fleet = Fleet.ready(3);
    const [writer, gone, restarted] = fleet.sites as [Site, Site, Site];
    fleet.set(writer, 'before', 'v');
    fleet.run(100);
    fleet.crash(gone);
    fleet.crash(restarted);
    fleet.letThrough = ({ type }) => type !== 'chunk' && type !== 'recent';
    const joining = fleet.start('n2', [writer]);
    fleet.run(50);
    const id = fleet.set(writer, 'key', 'v');
    fleet.run(500);
    expect(joining.machine.status().ready).toBe(false);
    expect(writer.results.get(id)).toBeUndefined();
    fleet.letThrough = () => true;
    fleet.run(4_000);
    expect(joining.machine.status().ready).toBe(true);
    expect(writer.results.get(id)).toBe('acked');
  });
});
