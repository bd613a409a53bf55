import { outlasting } from '../instant.js';
import type { Incarnation } from '../node.js';
import { Council } from './council.fixture.js';

const LEASE_MS = 2_000;

function threeOf(size = 3): Council {
  const council = new Council({ size });
  for (const id of ['a', 'b', 'c']) {
    council.join(id);
    council.pass(1);
  }
  return council;
}

describe('electing', () => {
  it('L6: a whole fresh cluster has one leader within a second of its quorum', () => {
    const council = threeOf();
    council.pass(500);
    expect(council.leaders()).toEqual(['a']);
  });

  it('L7: prefers the priority, then the longer uptime', () => {
    const council = new Council({ size: 3 });
    council.join('old');
    council.pass(5);
    council.join('young');
    council.join('chosen', 'chosen', 1);
    council.pass(500);
    expect(council.leaders()).toEqual(['chosen']);
    council.crash('chosen');
    council.pass(LEASE_MS + 500);
    expect(council.leaders()).toEqual(['old']);
  });

  it('L7: does not take a healthy leader out of office for a better one', () => {
    const council = threeOf();
    council.pass(500);
    council.crash('c');
    council.join('better', 'better', 9);
    council.pass(10_000);
    expect(council.leaders()).toEqual(['a']);
  });

  it('L6: a crashed leader is replaced within lease + 500 ms, also with a lease of 800 ms', () => {
    for (const leaseMs of [800, LEASE_MS]) {
      const council = new Council({ size: 3, leadership: { leaseMs, renewMs: leaseMs / 4 } });
      for (const id of ['a', 'b', 'c']) council.join(id);
      council.pass(outlasting(leaseMs) + 5_000);
      const [first = ''] = council.leaders();
      council.crash(first);
      council.pass(leaseMs + 500);
      expect(council.leaders()).toHaveLength(1);
    }
  });

  it('L5: no leader without a quorum of the size, however few are seen', () => {
    const council = new Council({ size: 3 });
    council.join('a');
    council.pass(60_000);
    expect(council.leaders()).toEqual([]);
    council.join('b');
    council.pass(LEASE_MS * 2);
    expect(council.leaders()).toHaveLength(1);
  });

  it('L5: named voters vote, others neither vote nor lead', () => {
    const council = new Council({ voters: ['a', 'b', 'c'] });
    for (const id of ['x', 'y', 'z', 'a']) council.join(id);
    council.pass(60_000);
    expect(council.leaders()).toEqual([]);
    council.join('b');
    council.pass(LEASE_MS * 2);
    expect(council.leaders()).toEqual(['a']);
    expect(council.seat('x').machine.leader?.node.name).toBe('a');
  });

  it('L5: more nodes than the size raise the quorum, and that is told', () => {
    const council = threeOf();
    council.join('d');
    expect(council.seat('a').machine.quorum).toBe(3);
    expect(council.seat('a').events).toContainEqual({ type: 'quorumRaised', quorum: 3, nodes: 4, size: 3 });
    council.crash('d', 'left');
    expect(council.seat('a').machine.quorum).toBe(3);
    council.pass(LEASE_MS * 2);
    expect(council.seat('a').machine.quorum).toBe(2);
  });

  it('L5: with neither names nor size the guarantee is best effort, once the view is stable', () => {
    const council = new Council({});
    council.join('a');
    expect(council.seat('a').machine.guarantee).toBe('best-effort');
    council.pass(1_000);
    expect(council.leaders()).toEqual([]);
    council.pass(4_000);
    expect(council.leaders()).toEqual(['a']);
  });
});

describe('holding', () => {
  it('L1: the lease counts from when the request left, and late answers do not prolong it', () => {
    const council = threeOf();
    council.pass(500);
    const before = council.mono;
    council.pass(600);
    const { until } = council.seat('a').lease;
    expect(until).toBeLessThanOrEqual(council.mono + LEASE_MS);
    expect(until).toBeGreaterThan(before);
  });

  it('L1: cut off from the others the holder ends before anybody else can begin', () => {
    const council = threeOf();
    council.pass(500);
    council.loses = ({ from, to }) => from === 'a' || to === 'a';
    for (let step = 0; step < 500; step++) {
      council.pass(10);
      expect(council.leaders().length).toBeLessThanOrEqual(1);
    }
    expect(council.leaders()).toEqual(['b']);
    expect(council.seat('a').events.at(-1)).toMatchObject({ type: 'leaderChanged' });
  });

  it('L1: a suspended holder finds its lease gone, though its monotonic clock stood still', () => {
    const council = threeOf();
    council.pass(500);
    council.wall += 900_000;
    expect(council.leaders()).toEqual([]);
    council.input('a', { type: 'tick' });
    expect(council.seat('a').events).toContainEqual(
      expect.objectContaining({ type: 'leadershipLost', reason: 'clockJump' }),
    );
  });

  it('L8: a wedged application loses the lease, a pause of a second does not', () => {
    const council = threeOf();
    council.pass(500);
    council.input('a', { type: 'mainThread', lagMs: 1_000 });
    council.pass(5_000);
    expect(council.leaders()).toEqual(['a']);
    council.mark('a', 'degraded');
    council.input('a', { type: 'mainThread', lagMs: 1_500 });
    council.pass(LEASE_MS + 500);
    expect(council.leaders()).toEqual(['b']);
  });

  it('L3: every term has a higher token, also after everybody has restarted', () => {
    const council = threeOf();
    council.pass(500);
    const tokens = [council.token('a')];
    council.input('a', { type: 'stepDown' });
    council.input('a', { type: 'workEnded', token: tokens[0] ?? 0 });
    council.pass(500);
    tokens.push(council.token(council.leaders()[0] ?? ''));
    for (const id of ['a', 'b', 'c']) council.crash(id);
    council.pass(100);
    for (const id of ['a', 'b', 'c']) council.join(`${id}2`, id);
    council.pass(1_000);
    tokens.push(council.token(council.leaders()[0] ?? ''));
    expect(tokens).toEqual([...tokens].sort((x, y) => x - y));
    expect(new Set(tokens).size).toBe(3);
  });
});

describe('giving back', () => {
  it('L4, L6: steps down at once, releases when its work has ended, and another leads within 200 ms', () => {
    const council = threeOf();
    council.pass(500);
    const token = council.token('a');
    council.input('a', { type: 'stepDown' });
    expect(council.leaders()).toEqual([]);
    council.pass(300);
    expect(council.leaders()).toEqual([]);
    council.input('a', { type: 'workEnded', token });
    council.pass(200);
    expect(council.leaders()).toEqual(['b']);
  });

  it('L6: late word of a term that is over keeps nobody from standing', () => {
    const council = threeOf();
    council.pass(500);
    const from = 'a' as Incarnation;
    const token = council.token('a');
    council.input('a', { type: 'stepDown' });
    council.input('a', { type: 'workEnded', token });
    for (const late of [token, token - 1]) {
      for (const id of ['b', 'c']) {
        const ballot = { counter: 0, proposer: from };
        const accept = {
          type: 'accept',
          ballot,
          round: 9,
          token: late,
          leaseMs: LEASE_MS,
          leading: true,
        } as const;
        council.input(id, { type: 'message', from, message: accept });
        council.input(id, {
          type: 'message',
          from,
          message: { type: 'leading', token: late, leaseMs: LEASE_MS },
        });
      }
    }
    council.pass(200);
    expect(council.leaders()).toEqual(['b']);
  });

  it('L4: a release that comes late does not free a newer lease', () => {
    const council = threeOf();
    council.pass(500);
    council.input('a', { type: 'stepDown' });
    council.input('a', { type: 'workEnded', token: council.seat('b').machine.leader?.token ?? 0 });
    council.crash('a');
    council.pass(LEASE_MS * 2);
    expect(council.leaders()).toEqual(['b']);
    const ballot = { counter: 1, proposer: 'a' as Incarnation };
    council.input('c', { type: 'message', from: 'a' as Incarnation, message: { type: 'release', ballot } });
    council.input('c', { type: 'mainThread', lagMs: 0 });
    expect(council.leaders()).toEqual(['b']);
  });
});

describe('starting again', () => {
  it('L4: a restarted voter stays silent for a whole lease', () => {
    const council = threeOf();
    council.pass(500);
    // The lease stands on the votes of a and b; b forgets its own by restarting, and a is cut off.
    council.crash('b');
    council.loses = ({ from, to }) => from === 'a' || to === 'a';
    council.join('b2', 'b');
    for (let step = 0; step < 300; step++) {
      council.pass(10);
      expect(council.leaders().length).toBeLessThanOrEqual(1);
    }
  });

  it('L4: a node that is about to leave does not answer any more', () => {
    const council = threeOf();
    council.pass(500);
    council.input('a', { type: 'leave' });
    expect(council.leaders()).toEqual([]);
    expect(council.seat('a').machine.nextDeadline()).toBe(Infinity);
  });
});
