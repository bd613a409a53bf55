import { Fleet, type Site } from '../fleet.fixture.js';
import type { StoreMessage } from '../message.js';
import { Inbox, type Deltas } from './inbox.js';

function deltasOf(stream: number, count = 1): Deltas {
  const deltas = Array.from({ length: count }, (_, at) => {
    return { counter: at + 1, key: 'k', value: undefined, time: 1, expiresAt: 0, beyond: undefined };
  });
  return { type: 'deltas', stream, isStart: false, replicas: [], context: [], deltas };
}

const waiting = (stream: number, count = 1) => ({ message: deltasOf(stream, count), numbers: [] });

describe('an inbox', () => {
  it('knows what is next, what came before, and what has a gap before it', () => {
    const inbox = new Inbox();
    expect([inbox.isLost, inbox.place(deltasOf(1))]).toEqual([true, 'gap']);
    inbox.start(4);
    expect([3, 4, 5, 6].map((stream) => inbox.place(deltasOf(stream)))).toEqual([
      'old',
      'old',
      'next',
      'gap',
    ]);
    inbox.push(waiting(5), 10);
    expect([5, 6].map((stream) => inbox.place(deltasOf(stream)))).toEqual(['old', 'next']);
  });

  it('keeps what came in order when the stream is lost, and lets go of it with a new start', () => {
    const inbox = new Inbox();
    inbox.start(0);
    inbox.push(waiting(1), 10);
    inbox.lose();
    expect([inbox.isLost, inbox.first?.message.stream, inbox.place(deltasOf(2))]).toEqual([true, 1, 'gap']);
    inbox.start(7);
    expect([inbox.isLost, inbox.first]).toEqual([false, undefined]);
  });

  it('loses the stream when more writes wait than may (W5)', () => {
    const inbox = new Inbox();
    inbox.start(0);
    expect(inbox.push(waiting(1, 4), 10)).toBe(true);
    expect(inbox.push(waiting(2, 6), 10)).toBe(true);
    inbox.shift();
    expect(inbox.push(waiting(3, 4), 10)).toBe(true);
    expect(inbox.push(waiting(4, 1), 10)).toBe(false);
    expect([inbox.isLost, inbox.first]).toEqual([true, undefined]);
  });
});

/** Three nodes; what the third one writes reaches the second as slowly as told. */
function slow(ms: number, options: Parameters<typeof Fleet.ready>[1] = {}) {
  const fleet = Fleet.ready(3, options);
  const [a, b, c] = [fleet.at(0), fleet.at(1), fleet.at(2)];
  fleet.weather.delayMs = (from, to) => (from === c && to === b ? ms : 1);
  return { fleet, a, b, c };
}

function counted(fleet: Fleet, type: StoreMessage['type']): () => number {
  let count = 0;
  fleet.letThrough = (message) => {
    if (message.type === type) count++;
    return true;
  };
  return () => count;
}

describe('writes of peers', () => {
  it('are applied only after everything that their writer had seen, in other keys too (S6)', () => {
    const { fleet, a, b, c } = slow(80);
    fleet.set(c, 'cause', 'v');
    fleet.run(2);
    expect(fleet.get(a, 'cause')).toBe('v');
    fleet.set(a, 'effect', 'v');
    fleet.set(a, 'more', 'v');
    fleet.run(20);
    expect(fleet.content(b)).toEqual({});
    fleet.run(80);
    expect(fleet.changes(b).map(({ key }) => key)).toEqual(['cause', 'effect', 'more']);
  });

  it('that wait do not hold up those of others (S2)', () => {
    const { fleet, a, b, c } = slow(80, { size: 4 });
    const d = fleet.start('n3');
    fleet.run(200);
    fleet.set(c, 'cause', 'v');
    fleet.run(2);
    fleet.set(a, 'effect', 'v');
    fleet.set(d, 'k', 'v', 'local');
    fleet.run(1);
    fleet.run(5);
    expect([fleet.get(b, 'effect'), fleet.get(b, 'cause')]).toEqual([undefined, undefined]);
    fleet.run(200);
    expect(fleet.content(b)).toEqual({ cause: 'v', effect: 'v', k: 'v' });
  });

  const blocked = () => {
    const rig = slow(10_000);
    const { fleet, a, b, c } = rig;
    fleet.set(c, 'cause', 'v');
    fleet.run(2);
    fleet.set(a, 'effect', 'v');
    fleet.run(90);
    expect(fleet.content(b)).toEqual({});
    return rig;
  };

  it('that wait for others are fetched from their writer, with what they wait for, within a second (S2)', () => {
    const { fleet, b } = blocked();
    fleet.run(900);
    expect(fleet.content(b)).toEqual({ cause: 'v', effect: 'v' });
    fleet.run(20_000);
    expect(fleet.changes(b)).toHaveLength(2);
  });

  it('that wait for longer than `patienceMs` are fetched then, and not with the next clock', () => {
    const { fleet, b } = blocked();
    fleet.run(100);
    expect(fleet.content(b)).toEqual({ cause: 'v', effect: 'v' });
  });

  it('that wait are not confirmed, so that no quorum counts them (S2)', () => {
    const { fleet, a, b, c } = slow(80);
    fleet.set(c, 'cause', 'v');
    fleet.run(2);
    fleet.crash(c);
    const id = fleet.set(a, 'effect', 'v');
    fleet.run(20);
    expect([fleet.get(b, 'effect'), a.results.get(id)]).toEqual([undefined, undefined]);
    fleet.run(1_000);
    expect([fleet.get(b, 'effect'), a.results.get(id)]).toEqual(['v', 'acked']);
  });

  it('in more than may wait lose their stream, and a transfer brings them (W5)', () => {
    const { fleet, a, b, c } = slow(10_000, { options: { inboxMax: 4, patienceMs: 5_000 } });
    fleet.set(c, 'cause', 'v');
    fleet.run(2);
    for (let at = 0; at < 10; at++) {
      fleet.set(a, `effect${at}`, 'v');
      fleet.run(1);
    }
    expect(fleet.content(b)).toEqual({});
    fleet.run(2_000);
    expect(b.machine.size).toBe(11);
    fleet.set(a, 'after', 'v', 'all');
    fleet.run(20);
    expect(fleet.get(b, 'after')).toBe('v');
  });

  it('are told once each, however often a message comes and in whatever order (S6)', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const fleet = Fleet.ready(3, { seed });
      Object.assign(fleet.weather, { repeat: 0.8, disorder: true, delayMs: () => 1 + fleet.random() * 20 });
      for (let at = 0; at < 30; at++) {
        fleet.set(fleet.at(at % 3), `k${at}`, `v${at}`, 'local');
        fleet.run(3);
      }
      fleet.run(5_000);
      for (const site of fleet.alive) {
        expect(fleet.changes(site)).toHaveLength(30);
        expect(fleet.heard(site)).toEqual(fleet.content(fleet.at(0)));
      }
    }
  });
});

describe('a stream', () => {
  it('of which a message was lost begins anew, and nothing is applied out of order (S6)', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    let lost = 0;
    fleet.letThrough = ({ type }) => type !== 'deltas' || lost++ > 0;
    for (let at = 0; at < 5; at++) {
      fleet.set(a, `k${at}`, 'v', 'local');
      fleet.run(2);
    }
    expect(fleet.changes(b)).toEqual([]);
    fleet.run(1_000);
    expect(b.machine.size).toBe(5);
    const pulls = counted(fleet, 'pull');
    const id = fleet.set(a, 'after', 'v', 'all');
    fleet.run(10);
    expect([a.results.get(id), pulls()]).toEqual(['acked', 0]);
  });

  it('whose start was lost is asked for again (S2)', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    fleet.unlink(a, b);
    fleet.letThrough = (message, from) => !(message.type === 'deltas' && message.isStart && from === a);
    fleet.meet(a, b);
    fleet.run(50);
    fleet.letThrough = () => true;
    fleet.set(a, 'k', 'v', 'local');
    fleet.run(1_500);
    expect(fleet.get(b, 'k')).toBe('v');
    const pulls = counted(fleet, 'pull');
    fleet.set(a, 'k', 'w', 'local');
    fleet.run(20);
    expect([fleet.get(b, 'k'), pulls()]).toEqual(['w', 0]);
  });

  it('begins with what its writer knew, so that what follows waits for that (S6)', () => {
    const { fleet, a, b, c } = slow(200);
    fleet.unlink(a, b);
    fleet.set(c, 'k', 'old');
    fleet.run(2);
    fleet.set(a, 'k', 'new');
    fleet.set(a, 'other', 'v');
    fleet.meet(a, b);
    fleet.set(a, 'last', 'v');
    fleet.run(1_000);
    expect(fleet.alive.map((site) => fleet.get(site, 'k'))).toEqual(['new', 'new', 'new']);
    expect(fleet.content(b)).toEqual({ k: 'new', other: 'v', last: 'v' });
    expect(b.machine.status().conflicts).toBe(0);
  });

  it('goes to a peer that was congested only from where it has drained, and the rest is fetched', () => {
    const fleet = Fleet.ready(2);
    const [a, b] = [fleet.at(0), fleet.at(1)];
    const { incarnation } = b.info;
    fleet.set(a, 'before', 'v', 'local');
    fleet.give(a, { type: 'congested', incarnation });
    for (let at = 0; at < 50; at++) fleet.set(a, `k${at}`, 'v', 'local');
    fleet.run(100);
    expect(b.machine.size).toBeLessThan(2);
    fleet.give(a, { type: 'drained', incarnation });
    fleet.set(a, 'after', 'v', 'local');
    fleet.run(200);
    expect(b.machine.size).toBe(52);
  });
});

describe('a write that nobody here has, of a node that ended', () => {
  it('is awaited as long as a node is that may have it (S2)', () => {
    const fleet = Fleet.ready(3);
    const [writer, holder, other] = [fleet.at(0), fleet.at(1), fleet.at(2)];
    fleet.set(writer, 'first', '1');
    fleet.run(3_000);
    let delay = 200;
    const late = (from: Site): number => (from === writer ? delay : 1);
    Object.assign(fleet.weather, { disorder: true, delayMs: late });
    const id = fleet.set(writer, 'second', '2');
    fleet.run(2);
    delay = 1;
    fleet.set(writer, 'third', '3');
    fleet.run(5);
    fleet.unlink(holder, other);
    fleet.meet(holder, other);
    fleet.run(10);
    fleet.split([other], [writer, holder]);
    fleet.run(1_000);
    expect(writer.results.get(id)).toBe('acked');
    fleet.crash(writer);
    const successor = fleet.start('n0', [other]);
    fleet.run(10_000);
    expect(successor.machine.status().ready).toBe(true);
    fleet.heal();
    fleet.run(3_000);
    for (const site of fleet.alive)
      expect(fleet.content(site)).toEqual({ first: '1', second: '2', third: '3' });
  });
});
