/**
 * Leadership by a Lease object of the Kubernetes API: decided by `LeaseMachine`, carried out by `LeaseLife`.
 *
 * L2: `leadsUntil()` compares both clocks at the call (T2). L8: renewals run on the application's main thread, so that one
 * that makes no progress loses the lease.
 *
 * When things fail: while the API does not answer, a leader leads to the end of its lease and then no more, and nobody else
 * can take over before the API is back. Logged once per change.
 */
import type {
  Environment,
  LeadershipListener,
  LeadershipProvider,
  LeadershipSelf,
  LeaderView,
} from '@nest-cluster/core';
import { kubeConfigFrom } from '../api/kube-access.js';
import { KubernetesApi } from '../api/kubernetes-api.js';
import { SURROUNDINGS, type Surroundings } from '../api/surroundings.js';
import { LeaseLife } from './lease-life.js';
import { leaseTiming } from './lease-timing.js';
import { resolveLease, type KubernetesLeaseOptions } from './settings.js';

/**
 * The node that holds a Lease leads. Works beside any strategy; the pods need the rights to get, list, watch, create and
 * update that one Lease. Options not given come from `CLUSTER_KUBERNETES_*`.
 */
export function kubernetesLease(options: KubernetesLeaseOptions = {}): LeadershipProvider {
  return new KubernetesLease(options, process.env);
}

export class KubernetesLease implements LeadershipProvider {
  readonly name = 'kubernetes-lease';
  readonly guarantee = 'engine';
  readonly honours = ['priority', 'candidate'] as const;
  private life: LeaseLife | undefined;

  constructor(
    private readonly options: KubernetesLeaseOptions,
    private readonly env: Environment,
    private readonly surroundings: Surroundings = SURROUNDINGS,
  ) {}

  /** Resolves once the API's address and credentials were read; rejects when they cannot be, or when an option is wrong. */
  async start(self: LeadershipSelf, listener: LeadershipListener): Promise<void> {
    await this.stop();
    const settings = resolveLease(this.options, this.env, self.cluster);
    const api = new KubernetesApi(this.options.kubeConfig ?? kubeConfigFrom(this.env), this.surroundings);
    const own = await api.namespace();
    const namespace = settings.namespace ?? own ?? 'default';
    const life = new LeaseLife(
      api,
      { ...settings, namespace, timing: leaseTiming(settings.leaseSeconds) },
      self,
      listener,
    );
    this.life = life;
    life.start();
  }

  leadsUntil(token?: number): number {
    const { until = 0, wallUntil = 0, token: granted = 0 } = this.life?.grant ?? {};
    if (until === 0 || (token !== undefined && token !== granted)) return 0;
    const now = this.surroundings.clocks();
    return now.mono < until && now.wall < wallUntil ? until : 0;
  }

  token(): number {
    return this.life?.grant.token ?? 0;
  }

  leader(): LeaderView | null {
    return this.life?.leader ?? null;
  }

  stepDown(): void {
    this.life?.take({ type: 'stepDown' });
  }

  workEnded(token: number): void {
    this.life?.take({ type: 'workEnded', token });
  }

  async stop(): Promise<void> {
    const { life } = this;
    await life?.stop();
    if (this.life === life) this.life = undefined;
  }
}
