/**
 * Leadership by a Kubernetes Lease (L1–L4, L6): on a real cluster with NEST_CLUSTER_E2E=1 and KUBECONFIG, else on a fake that
 * is as strict as a real one. Real processes are frozen, killed and restarted.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { LeadershipProvider } from '@nest-cluster/core';
import { kubernetesLease, TOKEN_ANNOTATION } from '@nest-cluster/kubernetes';
import { leadershipConformance } from '@nest-cluster/testing';
import { until } from '../support/until.js';
import { apiServer, type ApiServer } from './kubernetes/api-server.js';
import { LEASE_MS, LEASE_SECONDS } from './kubernetes/lease-node.js';
import { leases } from './kubernetes/objects.js';

interface Report {
  readonly name: string;
  readonly at?: number;
  readonly acquired?: number;
  readonly lost?: number;
  readonly reason?: string;
  readonly worked?: number;
  readonly started?: true;
  readonly stopped?: true;
}

const children: ChildProcess[] = [];

class Candidate {
  readonly reports: Report[] = [];
  private readonly process: ChildProcess;

  constructor(
    server: ApiServer,
    readonly name: string,
  ) {
    const script = join(__dirname, 'kubernetes/lease-candidate.mjs');
    const { kubeConfigFile, namespace } = server;
    const env = { ...process.env, KUBECONFIG: kubeConfigFile, CLUSTER_KUBERNETES_NAMESPACE: namespace };
    this.process = fork(script, [name, 'shop', String(LEASE_SECONDS)], { env, execArgv: [] });
    this.process.on('message', (report: Report) => void this.reports.push(report));
    children.push(this.process);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  get works(): readonly Required<Pick<Report, 'worked' | 'at'>>[] {
    return this.reports.flatMap(({ worked, at }) =>
      worked !== undefined && at !== undefined ? [{ worked, at }] : [],
    );
  }

  get token(): number {
    return this.reports.findLast(({ acquired }) => acquired !== undefined)?.acquired ?? 0;
  }
}

/** Nobody worked under an older token after somebody worked under a newer one (L1, L3). */
function expectOneAtATime(candidates: readonly Candidate[]): void {
  const works = candidates.flatMap(({ works }) => works).sort((a, b) => a.at - b.at);
  const tokens = works.map(({ worked }) => worked);
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  const byToken = new Map<number, string>();
  for (const { name, works } of candidates) {
    for (const { worked } of works) {
      expect(byToken.get(worked) ?? name).toBe(name);
      byToken.set(worked, name);
    }
  }
}

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'warn', 'error']));

describe('processes that run for a Lease', () => {
  let server: ApiServer;
  const now = (): number => Number(process.hrtime.bigint()) / 1e6;
  const works = (candidate: Candidate, since = 0): Promise<unknown> =>
    until(`${candidate.name} works`, () => candidate.works.some(({ at }) => at > since));

  beforeEach(async () => {
    server = await apiServer();
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await server.close();
  });

  it('one frozen past its deadline does no work when it wakes, and another has a greater token (L1, L3)', async () => {
    const first = new Candidate(server, 'shop-0');
    await works(first);
    const second = new Candidate(server, 'shop-1');
    await until('the second has started', () => second.reports.some(({ started }) => started));
    first.signal('SIGSTOP');
    const frozenAt = now();
    await works(second);
    first.signal('SIGCONT');
    const wokeAt = now();
    await until('the first knows that it lost', () => first.reports.some(({ lost }) => lost !== undefined));
    await works(second, now() + 200);
    expect(first.works.filter(({ at }) => at > frozenAt + 100 && at < wokeAt)).toEqual([]);
    expect(first.works.filter(({ at }) => at > wokeAt)).toEqual([]);
    expect(second.token).toBeGreaterThan(first.token);
    expectOneAtATime([first, second]);
  });

  it('a pod of the same name that comes back is somebody else: it waits, and its token is greater (L3, L4)', async () => {
    const first = new Candidate(server, 'shop-0');
    await works(first);
    first.signal('SIGKILL');
    const killedAt = now();
    const second = new Candidate(server, 'shop-0');
    await works(second);
    const { at = 0 } = second.reports.find(({ acquired }) => acquired !== undefined) ?? {};
    expect(at - killedAt).toBeGreaterThan(LEASE_MS * 0.75);
    expect(second.token).toBeGreaterThan(first.token);
    expectOneAtATime([first, second]);
  });

  it('a deleted Lease does not let a second one in, and its successor has a greater token (L1, L3)', async () => {
    const path = `${leases(server.namespace)}/shop`;
    const first = new Candidate(server, 'shop-0');
    await works(first);
    const second = new Candidate(server, 'shop-1');
    await until('the second has started', () => second.reports.some(({ started }) => started));
    expect((await server.send('DELETE', path)).status).toBe(200);
    await until('the leader puts it back', async () => (await server.send('GET', path)).status === 200);
    await works(first, now());
    first.signal('SIGKILL');
    await server.send('DELETE', path);
    await works(second);
    expect(second.token).toBeGreaterThan(first.token);
    const { object } = await server.send('GET', path);
    expect(object.metadata.annotations?.[TOKEN_ANNOTATION]).toBe(String(second.token));
    expectOneAtATime([first, second]);
  });

  it('a rolling restart hands over in less than a second each time (L6)', async () => {
    const all = [0, 1, 2].map((index) => new Candidate(server, `shop-${index}`));
    await until('somebody works', () => all.some(({ works }) => works.length > 0));
    await until('all have started', () => all.every(({ reports }) => reports.some(({ started }) => started)));
    const gaps: number[] = [];
    for (let round = 0; round < 3; round++) {
      const leader = all.reduce((best, each) => (each.token > best.token ? each : best));
      const replacement = new Candidate(server, leader.name);
      await until('the new pod has started', () => replacement.reports.some(({ started }) => started));
      leader.signal('SIGTERM');
      await until('the old pod has ended', () => leader.reports.some(({ stopped }) => stopped));
      all.push(replacement);
      const next = await until('another works', () =>
        all.find(({ token, works }) => token > leader.token && works.length > 0),
      );
      gaps.push((next.works[0]?.at ?? Infinity) - (leader.works.at(-1)?.at ?? 0));
    }
    expect(Math.max(...gaps)).toBeLessThan(1_000);
    expectOneAtATime(all);
  });
});

leadershipConformance(
  'kubernetesLease',
  async () => {
    const server = await apiServer();
    const cut = new WeakSet<LeadershipProvider>();
    const created: LeadershipProvider[] = [];
    return {
      leaseMs: LEASE_MS,
      candidate: () => {
        const candidate: LeadershipProvider = kubernetesLease({
          name: 'shop',
          namespace: server.namespace,
          leaseSeconds: LEASE_SECONDS,
          kubeConfig: async () => {
            const config = await server.kubeConfig();
            const apply = config.applyToHTTPSOptions.bind(config);
            config.applyToHTTPSOptions = async (options) => {
              if (cut.has(candidate)) throw new Error('cut off');
              await apply(options);
            };
            return config;
          },
        });
        created.push(candidate);
        return candidate;
      },
      cut: (candidate) => void cut.add(candidate),
      close: () => server.close(),
    };
  },
  { patienceMs: 10_000 },
);
