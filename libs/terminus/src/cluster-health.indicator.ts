/**
 * The cluster as terminus sees it: `isHealthy` for people and dashboards, `isReady` for load balancers and readiness
 * probes, `isLive` for liveness probes, where a lost quorum must not restart anything.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  HealthIndicatorService,
  type HealthIndicatorResult,
  type HealthIndicatorStatus,
} from '@nestjs/terminus';
import { Cluster, ClusterLeadership, ClusterStore } from '@nest-cluster/core';
import {
  judgeHealth,
  judgeLiveness,
  judgeReadiness,
  type ClusterHealthDetails,
  type ClusterHealthExpectations,
  type ClusterReading,
  type Verdict,
} from './cluster-health.js';

/** How long the control plane may take to answer before it counts as dead, in milliseconds. */
const ANSWER_MS = 2_000;

/** Its status is one that the application's terminus knows: `up` and `down`, with terminus 12 `degraded`, too. */
export type ClusterHealthResult<Key extends string> = HealthIndicatorResult<
  Key,
  HealthIndicatorStatus,
  ClusterHealthDetails
>;

@Injectable()
export class ClusterHealthIndicator {
  constructor(
    @Inject(HealthIndicatorService) private readonly health: HealthIndicatorService,
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership,
    @Inject(ClusterStore) private readonly store: ClusterStore,
  ) {}

  /** `degraded` while the cluster is yellow or this application lags, `down` without a quorum or what else is expected. */
  async isHealthy<const Key extends string>(
    key: Key,
    expected: ClusterHealthExpectations = {},
  ): Promise<ClusterHealthResult<Key>> {
    const reading = await this.read();
    return this.answer(key, reading, judgeHealth(reading, expected));
  }

  /** `up` while this node has a quorum and the store, votes, and is not leaving. */
  async isReady<const Key extends string>(key: Key): Promise<ClusterHealthResult<Key>> {
    const reading = await this.read();
    return this.answer(key, reading, judgeReadiness(reading));
  }

  /** `up` while the event loop runs and the control plane answers, whatever the cluster is like. */
  async isLive<const Key extends string>(key: Key): Promise<ClusterHealthResult<Key>> {
    const reading = await this.read();
    return this.answer(key, reading, judgeLiveness(reading));
  }

  private async read(): Promise<ClusterReading> {
    const { cluster, leadership } = this;
    const lag = await this.lag();
    return {
      details: {
        state: cluster.state,
        size: cluster.size,
        leader: leadership.leader?.name ?? null,
        guarantee: leadership.guarantee,
        lag,
        storeReady: this.store.ready,
      },
      isMember: cluster.isMember,
      silentVoters: cluster.nodes.filter(({ voteSilent }) => voteSilent).map(({ name }) => name),
      isSilent: cluster.isStarted && cluster.self.voteSilent,
      isDegraded: cluster.isStarted && cluster.self.status === 'degraded',
    };
  }

  /** Before the node has started there is no control plane to wait for: nothing lags then. */
  private async lag(): Promise<number | null> {
    if (!this.cluster.isStarted) return 0;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ANSWER_MS)));
    const counters = this.cluster.counters().then(
      ({ mainThreadLagSeconds }) => Math.round(mainThreadLagSeconds * 1_000),
      () => null,
    );
    return Promise.race([counters, silence]).finally(() => clearTimeout(timer));
  }

  private answer<const Key extends string>(
    key: Key,
    { details }: ClusterReading,
    verdict: Verdict,
  ): ClusterHealthResult<Key> {
    const session = this.health.check(key);
    const data: ClusterHealthDetails =
      verdict.status === 'up' ? details : { ...details, message: verdict.message };
    if (verdict.status === 'down') return session.down(data);
    // Terminus 11 knows no degraded; there it is up, and the message says what is wrong.
    return verdict.status === 'degraded' && 'degraded' in session ? session.degraded(data) : session.up(data);
  }
}
