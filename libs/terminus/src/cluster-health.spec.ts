import { HealthIndicatorService } from '@nestjs/terminus';
import type { Cluster, ClusterLeadership, ClusterStore } from '@nest-cluster/core';
import { ClusterHealthIndicator } from './cluster-health.indicator.js';
import type { ClusterHealthExpectations } from './cluster-health.js';

const LEADER = { name: 'a@test', incarnation: '1', token: 7 };

/** What a node may be like. */
interface Scene {
  readonly state?: 'green' | 'yellow' | 'red';
  readonly current?: number;
  readonly leader?: typeof LEADER | null;
  readonly storeReady?: boolean;
  readonly isMember?: boolean;
  readonly isStarted?: boolean;
  readonly isDegraded?: boolean;
  /** Whose vote is silent: this node's, or another's. */
  readonly silent?: 'a@test' | 'b@test';
  readonly counters?: () => Promise<{ mainThreadLagSeconds: number }>;
}

function indicator(scene: Scene, service = new HealthIndicatorService()): ClusterHealthIndicator {
  const cluster = {
    state: scene.state ?? 'green',
    size: { expected: 3, current: scene.current ?? 3 },
    isMember: scene.isMember ?? true,
    isStarted: scene.isStarted ?? true,
    self: { status: scene.isDegraded === true ? 'degraded' : 'up', voteSilent: scene.silent === 'a@test' },
    nodes: ['a@test', 'b@test'].map((name) => ({ name, voteSilent: scene.silent === name })),
    counters: scene.counters ?? (() => Promise.resolve({ mainThreadLagSeconds: 0.012 })),
  };
  const leadership = { leader: scene.leader === undefined ? LEADER : scene.leader, guarantee: 'quorum' };
  const store = { ready: scene.storeReady ?? true };
  return new ClusterHealthIndicator(
    service,
    cluster as unknown as Cluster,
    leadership as unknown as ClusterLeadership,
    store as unknown as ClusterStore,
  );
}

describe('ClusterHealthIndicator', () => {
  it('says what it knows', async () => {
    await expect(indicator({}).isHealthy('cluster')).resolves.toEqual({
      cluster: {
        status: 'up',
        state: 'green',
        size: { expected: 3, current: 3 },
        leader: 'a@test',
        guarantee: 'quorum',
        lag: 12,
        storeReady: true,
      },
    });
  });

  it.each<[string, Scene, ClusterHealthExpectations, string, RegExp]>([
    ['yellow is degraded', { state: 'yellow', current: 2 }, {}, 'degraded', /2 of 3 nodes/],
    [
      'yellow while a vote is silent',
      { state: 'yellow', silent: 'b@test' },
      {},
      'degraded',
      /b@test .* does not vote yet/,
    ],
    ['yellow with all nodes is about the store', { state: 'yellow' }, {}, 'degraded', /store/],
    [
      'yellow is down where green is expected',
      { state: 'yellow', current: 2 },
      { state: 'green' },
      'down',
      /2 of 3/,
    ],
    ['red is down', { state: 'red', current: 1 }, {}, 'down', /no quorum: 1 of 3/],
    ['no leader is fine', { leader: null }, {}, 'up', /^$/],
    ['no leader is down where one is expected', { leader: null }, { leader: true }, 'down', /nobody leads/],
    ['no store is fine', { storeReady: false }, {}, 'up', /^$/],
    ['no store is down where it is expected', { storeReady: false }, { storeReady: true }, 'down', /store/],
    ['an application that lags is degraded', { isDegraded: true }, {}, 'degraded', /no progress/],
    ['a node that is not in the cluster is down', { isMember: false }, {}, 'down', /not in the cluster/],
  ])('%s', async (_, scene, expected, status, message) => {
    const { cluster } = await indicator(scene).isHealthy('cluster', expected);
    expect(cluster.status).toBe(status);
    expect(cluster.message ?? '').toMatch(message);
  });

  it.each<[string, Scene, string]>([
    ['green', {}, 'up'],
    ['yellow', { state: 'yellow' }, 'up'],
    ['red', { state: 'red' }, 'down'],
    ['without the store', { storeReady: false }, 'down'],
    ['leaving', { isMember: false }, 'down'],
    ['with a silent vote (L4)', { state: 'yellow', silent: 'a@test' }, 'down'],
    ['while the vote of another is silent', { state: 'yellow', silent: 'b@test' }, 'up'],
  ])('is ready or not: %s', async (_, scene, status) => {
    expect((await indicator(scene).isReady('cluster')).cluster.status).toBe(status);
  });

  it.each<[string, Scene, string]>([
    ['without a quorum', { state: 'red', current: 1 }, 'up'],
    ['before it has started', { isStarted: false, isMember: false }, 'up'],
    ['after it has left', { isMember: false }, 'up'],
    ['with a control plane that failed', { counters: () => Promise.reject(new Error('gone')) }, 'down'],
    ['with a control plane that hangs', { counters: () => new Promise(() => undefined) }, 'down'],
  ])('is live or not: %s', async (_, scene, status) => {
    jest.useFakeTimers();
    const answer = indicator(scene).isLive('cluster');
    await jest.advanceTimersByTimeAsync(2_000);
    jest.useRealTimers();
    expect((await answer).cluster.status).toBe(status);
  });

  it('is up where terminus knows no degraded, with the same words', async () => {
    const eleven = {
      check: (key: string) => ({
        up: (data: object) => ({ [key]: { ...data, status: 'up' } }),
        down: (data: object) => ({ [key]: { ...data, status: 'down' } }),
      }),
    };
    const scene = { state: 'yellow', current: 2 } as const;
    const { cluster } = await indicator(scene, eleven as unknown as HealthIndicatorService).isHealthy(
      'cluster',
    );
    expect(cluster).toMatchObject({ status: 'up', state: 'yellow', message: '2 of 3 nodes are up' });
  });
});
