import { Logger } from '@nestjs/common';
import { ClusterEvents } from './cluster-events.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { FakeLeadership } from './fakes.fixture.js';

const clock = { mono: 1_000_000, wall: 1_700_000_000_000 };
jest.mock('../ports/clock.js', () => ({
  monotonicMs: () => clock.mono,
  wallMs: () => clock.wall,
}));

const LEASE_MS = 2_000;
const self = {
  cluster: 'default',
  name: 'a',
  incarnation: '1',
  candidate: true,
  priority: 0,
  rank: () => 0,
};

/** Both clocks and all timers go on together, in steps in which the provider may act. */
function pass(ms: number, eachStep: () => void = () => undefined, step = 10): void {
  for (let passed = 0; passed < ms; passed += step) {
    clock.mono += step;
    clock.wall += step;
    eachStep();
    jest.advanceTimersByTime(step);
  }
}

beforeAll(() => Logger.overrideLogger(false));

describe('ClusterLeadership', () => {
  let leadership: ClusterLeadership;
  let provider: FakeLeadership;
  let events: ClusterEvents;
  let told: string[];
  const renew = () => (provider.until = clock.mono + LEASE_MS);
  const acquire = (token = 1) => provider.grant(token, clock.mono + LEASE_MS);

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    events = new ClusterEvents();
    told = [];
    events.subscribe('*', (event) => told.push(event.type));
    leadership = new ClusterLeadership(events);
    provider = new FakeLeadership();
    await leadership.start(provider, self);
  });

  afterEach(async () => {
    await leadership.stop();
    jest.useRealTimers();
  });

  it('does not lead before start', () => {
    const early = new ClusterLeadership(events);
    expect(early.isLeader()).toBe(false);
    expect(early.leader).toBeNull();
    expect(early.token).toBe(0);
    expect(early.signal.aborted).toBe(true);
    expect(early.guarantee).toBe('best-effort');
  });

  it('never leads where it is no candidate, whatever its provider grants, and hands it back', async () => {
    await leadership.start(provider, { ...self, candidate: false });
    acquire(7);
    expect([leadership.isLeader(), provider.stepDowns]).toEqual([false, 1]);
    provider.take('steppedDown');
    expect(provider.ended).toEqual([7]);
    expect(told).not.toContain('leadershipAcquired');
  });

  it('L6: a node that shuts down waits for the next leader, and not for long', async () => {
    acquire(7);
    const retired = leadership.retire(1_000);
    provider.take('steppedDown');
    await retired;
    let isKnown = false;
    const known = leadership.successorKnown().then(() => (isKnown = true));
    await jest.advanceTimersByTimeAsync(100);
    expect(isKnown).toBe(false);
    provider.tellLeader({ name: 'b', incarnation: '2', token: 8 });
    await known;
    provider.tellLeader(null);
    const alone = leadership.successorKnown();
    await jest.advanceTimersByTimeAsync(200);
    await expect(alone).resolves.toBeUndefined();
  });

  it('L2: leads from the grant to the end of the lease, whether or not anybody says that it ended', () => {
    acquire(7);
    expect(leadership.isLeader()).toBe(true);
    expect(leadership.token).toBe(7);
    clock.mono += LEASE_MS - 1;
    clock.wall += LEASE_MS - 1;
    expect(leadership.isLeader()).toBe(true);
    clock.mono += 1;
    clock.wall += 1;
    expect(leadership.isLeader()).toBe(false);
    expect(leadership.token).toBe(0);
  });

  it('L1: does not believe in a lease that ends in a pause between looking at it and at the clock', () => {
    acquire();
    const { until } = provider;
    provider.leadsUntil = () => {
      clock.mono += LEASE_MS;
      return until;
    };
    expect(leadership.isLeader()).toBe(false);
  });

  it('T2: does not lead once whoever granted the lease takes it back, before anybody says so', () => {
    acquire();
    provider.until = 0;
    expect(leadership.isLeader()).toBe(false);
  });

  it('L3: does not lead under a token whose term is over, although the next one has begun', () => {
    acquire(1);
    provider.term = 2;
    expect(leadership.isLeader()).toBe(false);
    expect(leadership.token).toBe(0);
  });

  it('begins no work of one term under the lease of the next', async () => {
    acquire(1);
    provider.term = 2;
    await expect(leadership.runAsLeader(() => 1)).rejects.toMatchObject({ code: 'CLUSTER_NOT_LEADER' });
  });

  it('L9: tells work to stop before the lease ends when the renewal is overdue', async () => {
    acquire();
    pass(5_000, renew);
    const seen = jest.fn();
    const work = leadership.runAsLeader(async (signal) => {
      signal.addEventListener('abort', () => seen(provider.until - clock.mono));
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    });
    pass(LEASE_MS);
    await work;
    expect(seen).toHaveBeenCalledTimes(1);
    const [left] = seen.mock.calls[0] as [number];
    expect(left).toBeGreaterThan(LEASE_MS / 8);
    expect(left).toBeLessThanOrEqual(LEASE_MS / 4);
  });

  it('L9: begins no work while the renewal is overdue, and begins some with a new signal once it came', async () => {
    acquire();
    const before = leadership.signal;
    pass(LEASE_MS - 200);
    expect(before.aborted).toBe(true);
    expect(leadership.isLeader()).toBe(true);
    await expect(leadership.runAsLeader(() => 'ran')).rejects.toMatchObject({ code: 'CLUSTER_NOT_LEADER' });
    pass(500, renew);
    expect(leadership.signal.aborted).toBe(false);
    expect(before.aborted).toBe(true);
    await expect(leadership.runAsLeader(() => 'ran')).resolves.toBe('ran');
  });

  it('L9: does not alarm while renewals arrive late but in time', () => {
    acquire();
    const { signal } = leadership;
    for (let round = 0; round < 20; round++) {
      pass(1_400);
      renew();
    }
    expect(signal.aborted).toBe(false);
  });

  it('L9, L4: aborts at once on loss, and gives the lease back only after the last work has ended', async () => {
    acquire(3);
    const ends: (() => void)[] = [];
    const signals: AbortSignal[] = [];
    const works = [1, 2].map(() =>
      leadership.runAsLeader((signal) => {
        signals.push(signal);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    provider.take('refused');
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
    expect(provider.ended).toEqual([]);
    ends[0]?.();
    await works[0];
    expect(provider.ended).toEqual([]);
    ends[1]?.();
    await works[1];
    expect(provider.ended).toEqual([3]);
    expect(told).toEqual(['leadershipAcquired', 'leadershipLost']);
  });

  it('gives the lease back at once when no work runs', () => {
    acquire(4);
    provider.take();
    expect(provider.ended).toEqual([4]);
  });

  it('L3: work keeps token and signal of the term in which it began, also behind await', async () => {
    acquire(1);
    let goOn = () => {};
    const work = leadership.runAsLeader(async (signal, token) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      return { isMine: leadership.signal === signal, token, tokenThen: leadership.token };
    });
    provider.take();
    acquire(2);
    goOn();
    expect(await work).toEqual({ isMine: true, token: 1, tokenThen: 1 });
    expect(leadership.token).toBe(2);
  });

  it('hands results and errors of the work through, and waits for neither', async () => {
    acquire();
    await expect(leadership.runAsLeader(() => 42)).resolves.toBe(42);
    await expect(leadership.runAsLeader(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    await expect(
      leadership.runAsLeader(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    provider.take();
    expect(provider.ended).toEqual([1]);
  });

  it('refuses work elsewhere, and names the leader', async () => {
    provider.tellLeader({ name: 'b', incarnation: '2', token: 9 });
    await expect(leadership.runAsLeader(() => 1)).rejects.toMatchObject({
      code: 'CLUSTER_NOT_LEADER',
      message: expect.stringContaining('b leads') as string,
    });
  });

  it('stops leading the moment it steps down', () => {
    acquire(5);
    const { signal } = leadership;
    leadership.stepDown();
    expect(leadership.isLeader()).toBe(false);
    expect(signal.aborted).toBe(true);
    expect(provider.stepDowns).toBe(1);
    provider.take('steppedDown');
    expect(provider.ended).toEqual([5]);
  });

  it('N2: a node that retires waits for its work, and begins no other', async () => {
    acquire(6);
    let end = () => {};
    const work = leadership.runAsLeader(() => new Promise<void>((resolve) => (end = resolve)));
    const retired = jest.fn();
    const retiring = leadership.retire(5_000).then(retired);
    provider.take('steppedDown');
    await Promise.resolve();
    expect(retired).not.toHaveBeenCalled();
    expect(leadership.isLeader()).toBe(false);
    end();
    await Promise.all([work, retiring]);
    expect(provider.ended).toEqual([6]);
    acquire(7);
    expect(leadership.isLeader()).toBe(false);
    provider.take('steppedDown');
    expect(provider.ended).toEqual([6, 7]);
  });

  it('N2: a node that retires waits no longer than it was told to, and keeps the lease of work that goes on', async () => {
    acquire();
    void leadership.runAsLeader(() => new Promise<void>(() => undefined));
    const retiring = leadership.retire(300);
    provider.take('steppedDown');
    jest.advanceTimersByTime(300);
    await retiring;
    expect(provider.ended).toEqual([]);
  });

  it('tells each change of the leader once', () => {
    provider.tellLeader({ name: 'b', incarnation: '2', token: 9 });
    provider.tellLeader({ name: 'b', incarnation: '2', token: 9 });
    provider.tellLeader(null);
    expect(told).toEqual(['leaderChanged', 'leaderChanged']);
  });

  it('has lost what its engine granted when the engine is gone', () => {
    acquire();
    leadership.forfeit('engineFailed');
    expect(leadership.isLeader()).toBe(false);
    expect(told).toEqual(['leadershipAcquired', 'leadershipLost']);
  });
});
