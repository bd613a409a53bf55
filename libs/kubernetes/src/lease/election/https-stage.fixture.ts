/**
 * The election as it is in production, but for time: `KubernetesLease` with its requests and watches, over HTTPS, against an
 * API server whose clock is the election's.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { FakeKubernetes, type ApiRequest, type Fault } from '@nest-cluster/testing';
import type { Candidate, Election, Stage } from './election.fixture.js';
import type { HaltingClock } from './halting-clock.fixture.js';
import { ProviderCandidate, type Outside } from './provider-candidate.fixture.js';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/shop/leases';
const LEASE = { namespace: 'shop', name: 'shop' };
/** So many turns of the loop without a byte: what was sent on this machine has arrived. */
const QUIET_TURNS = 6;
/** What a server in trouble, or one that lost its rules or keys, says. */
const REFUSALS: readonly Fault[] = [
  { status: 500 },
  { status: 503 },
  { status: 429, retryAfterSeconds: 1 },
  { status: 401 },
  { status: 403 },
  { hang: true },
];

export class HttpsStage implements Stage, Outside {
  readonly lease = LEASE;
  readonly server: FakeKubernetes;
  readonly faults: Stage['faults'];
  private movements = 0;
  private outages = 0;
  private readonly opening = new Set<Promise<unknown>>();
  private readonly lives: ProviderCandidate[] = [];

  constructor(readonly election: Election) {
    this.server = new FakeKubernetes({
      now: () => 1.7e12 + election.now,
      after: (ms, act) => election.in(ms, act),
    });
    this.server.bookmarkMs = 20_000;
    this.server.fault = (request) => this.faultOf(request);
    this.faults = [
      () => {
        // As etcd does: watches begin anew, and are told that what they know is too old (410).
        this.server.store.compact();
        this.server.endWatches();
      },
      () => this.server.revokeTokens(),
      (ms) => {
        this.outage(true);
        election.in(ms, () => this.outage(false));
      },
    ];
  }

  async open(): Promise<void> {
    await this.server.listen();
  }

  start(name: string, clock: HaltingClock): Candidate {
    const candidate = new ProviderCandidate(this, name, clock);
    this.lives.push(candidate);
    this.wait(candidate.begin());
    return candidate;
  }

  remove(): void {
    if (this.server.store.list(LEASES).length > 0) this.server.store.remove(LEASES, LEASE.name);
  }

  touch(): void {
    const [lease] = this.server.store.list(LEASES);
    if (!lease) return;
    const labels = { touched: lease.metadata.resourceVersion };
    this.server.store.replace(LEASES, LEASE.name, { ...lease, metadata: { ...lease.metadata, labels } });
  }

  empty(): void {
    const [lease] = this.server.store.list(LEASES);
    if (!lease) return;
    const spec = { ...(lease['spec'] as object), holderIdentity: '' };
    this.server.store.replace(LEASES, LEASE.name, { ...lease, spec });
  }

  readonly settle = async (): Promise<void> => {
    this.server.isSilent = this.election.weather.isSilent;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      while (this.opening.size > 0) await Promise.all(this.opening);
      const before = this.movements;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.movements !== before) quiet = 0;
    }
  };

  readonly wait = (work: Promise<unknown>): void => {
    this.opening.add(work);
    void work.finally(() => this.opening.delete(work));
  };

  get serverPort(): number {
    return Number(new URL(this.server.url).port);
  }

  get isOut(): boolean {
    return this.outages > 0;
  }

  readonly moved = (): void => void this.movements++;

  /** Its token is read anew when the server does not take it any more. */
  readonly kubeConfig = (port: number): KubeConfig => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      {
        name: 'stage',
        server: `https://127.0.0.1:${port}`,
        caData: Buffer.from(this.server.certificate.cert).toString('base64'),
        skipTLSVerify: false,
      },
      { name: 'pod', token: this.server.issueToken() },
    );
    return config;
  };

  async close(): Promise<void> {
    for (const life of this.lives) life.crash();
    await Promise.all([...this.opening, this.server.close()]);
  }

  private outage(isOut: boolean): void {
    this.outages += isOut ? 1 : -1;
    for (const life of this.lives) life.refuse();
  }

  private faultOf({ isWatch }: ApiRequest): Fault {
    const { random, weather } = this.election;
    const delay = (): number => 1 + random() * 20 + random() * weather.slowMs;
    const isRefused = random() < weather.failing;
    const refusal = isRefused ? REFUSALS[Math.floor(random() * REFUSALS.length)] : undefined;
    return {
      delayMs: delay(),
      lateMs: isWatch ? 0 : delay(),
      drop: random() < weather.failing / 2,
      ...refusal,
    };
  }
}
