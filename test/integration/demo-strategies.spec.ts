/**
 * The demo finds its like by each strategy, with nothing but the documented environment. The cluster that finds itself by DNS is
 * left without its DNS server for a minute meanwhile, which harms nothing (D2, M4).
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DemoCluster } from '../support/demo-cluster.js';
import type { DemoNode } from '../support/demo-node.js';
import { DnsServer, hasDnsServer, ZONE } from '../support/dns-server.js';
import { freePort } from '../support/free-port.js';
import { hasNameService, NameService } from '../support/name-service.js';
import { until } from '../support/until.js';
import { fakeApiServer } from './kubernetes/api-server.js';
import { endpointSlice, slices } from './kubernetes/objects.js';

type Environment = Readonly<Record<string, string>>;

/** What to set for all nodes and for each, and what must be there for it. */
interface Way {
  readonly all: Environment;
  readonly each: readonly Environment[];
  readonly via?: readonly string[];
  /** What happens once all have started. */
  afterwards?(): Promise<void>;
  close?(): Promise<void>;
}

const isInCi = process.env['CI'] === 'true';
const MINUTE_MS = 60_000;
/** What nobody must hear of while DNS is away. */
const HARM = ['nodeDown', 'leaderChanged', 'leadershipLost', 'partitionDetected'];
/** As pods have them: one port, and an address for each. */
const HOSTS = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];
const bindEach = HOSTS.slice(0, 3).map((host) => ({ CLUSTER_BIND: host }));

const docs = ['options', 'discovery', 'kubernetes']
  .map((page) => readFileSync(join(__dirname, `../../docs/${page}.md`), 'utf8'))
  .join();

const ways: Readonly<Record<string, () => Promise<Way>>> = {
  gossip: async () => ({
    all: { CLUSTER_GOSSIP_PORT: String(await freePort()), CLUSTER_GOSSIP_INTERFACE: '127.0.0.1' },
    each: bindEach,
  }),

  static: async () => {
    const port = await freePort();
    return {
      all: {
        CLUSTER_HOSTS: HOSTS.slice(0, 3)
          .map((host) => `${host}:${port}`)
          .join(),
        CLUSTER_PORT: String(port),
      },
      each: bindEach,
    };
  },

  epmd: async () => ({
    all: { CLUSTER_EPMD_PORT: String(await freePort()) },
    each: bindEach,
  }),

  // Nobody has an address when the pods start.
  statefulset: async () => {
    const names = await NameService.start();
    const addresses = HOSTS.slice(0, 3).map((host, index) => [
      `shop-${index}.shop.prod.svc.cluster.local`,
      host,
    ]);
    return {
      all: {
        CLUSTER_SIZE: '3',
        CLUSTER_NAMESPACE: 'prod',
        CLUSTER_SERVICE: 'shop',
        CLUSTER_PORT: String(await freePort()),
      },
      each: bindEach.map((bind, index) => ({ ...bind, HOSTNAME: `shop-${index}` })),
      via: names.via,
      afterwards: () => names.publish(Object.fromEntries(addresses) as Record<string, string>),
      close: () => names.close(),
    };
  },

  kubernetes: async () => {
    const server = await fakeApiServer();
    const port = await freePort();
    const endpoints = HOSTS.slice(0, 3).map((ip) => ({ ip }));
    server.fake.store.create(slices('shop'), endpointSlice('shop-1', endpoints, port));
    return {
      all: {
        KUBECONFIG: server.kubeConfigFile,
        CLUSTER_KUBERNETES_SELECTOR: 'app=shop',
        CLUSTER_LEADERSHIP: 'kubernetes',
        CLUSTER_KUBERNETES_LEASE_SECONDS: '2',
        CLUSTER_PORT: String(port),
      },
      each: bindEach,
      close: () => server.close(),
    };
  },
};

const open: (() => Promise<unknown> | undefined)[] = [];

async function begin(strategy: string, { all, each, via, afterwards, close }: Way): Promise<DemoCluster> {
  open.push(async () => close?.());
  const env = {
    CLUSTER_STRATEGY: strategy,
    CLUSTER_NAME: `test-${randomBytes(4).toString('hex')}`,
    CLUSTER_SECRET: randomBytes(16).toString('hex'),
    ...all,
  };
  const unknown = Object.keys({ ...env, ...each[0] }).filter((name) => !docs.includes(`\`${name}`));
  expect(unknown).toEqual([]);
  const cluster = DemoCluster.of(env);
  open.push(() => cluster.stop());
  for (const [index, own] of each.entries()) cluster.add(`shop-${index}`, own, undefined, via);
  await Promise.all([...cluster.nodes.values()].map((node) => node.listening()));
  await afterwards?.();
  return cluster;
}

async function settled(cluster: DemoCluster, count: number): Promise<DemoNode> {
  await until('all see all', async () => {
    const seen = await Promise.all([...cluster.nodes.values()].map((node) => node.status()));
    return seen.every(({ nodes }) => nodes.filter(({ status }) => status === 'up').length === count);
  });
  return cluster.settled();
}

const closeAll = async (closers: typeof open): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close();
};

const isThere = (strategy: string): boolean => strategy !== 'statefulset' || hasNameService || isInCi;
const rows = Object.entries(ways).filter(([strategy]) => isThere(strategy));

/** By DNS, and from then on without it. */
class Outage {
  readonly since = Date.now();

  private constructor(
    readonly server: DnsServer,
    readonly cluster: DemoCluster,
    readonly leader: DemoNode,
  ) {}

  static async begin(): Promise<Outage> {
    const server = await DnsServer.start();
    await server.publish(...HOSTS.map((host) => `shop A ${host}`));
    const cluster = await begin('dns', {
      all: {
        CLUSTER_DNS_QUERY: `shop.${ZONE}`,
        CLUSTER_DNS_SERVERS: server.address,
        CLUSTER_PORT: String(await freePort()),
      },
      each: bindEach,
      close: () => server.close(),
    });
    const leader = await settled(cluster, 3);
    await server.fallSilent();
    return new Outage(server, cluster, leader);
  }

  passed(ms: number): Promise<unknown> {
    return until(`it lasts for ${ms} ms`, () => Date.now() - this.since >= ms, MINUTE_MS);
  }
}

describe('the demo, by environment alone', () => {
  const kept: typeof open = [];
  let outage: Outage | undefined;

  beforeAll(async () => {
    if (!hasDnsServer && !isInCi) return;
    outage = await Outage.begin();
    kept.push(...open.splice(0));
  });

  afterEach(() => closeAll(open));
  afterAll(() => closeAll(kept));

  it.each(rows)('finds its like by %s', async (strategy, way) => {
    const leader = await settled(await begin(strategy, await way()), 3);
    expect(await leader.status()).toMatchObject({ state: 'green', self: leader.name });
  });

  const itWithDns = hasDnsServer || isInCi ? it : it.skip;

  itWithDns('finds its like by dns, and takes no notice of a minute without a DNS server', async () => {
    if (!outage) throw new Error('there is no cluster that finds itself by DNS');
    const { server, cluster, leader, since } = outage;
    const nodes = [...cluster.nodes.values()];
    await outage.passed(MINUTE_MS / 2);
    server.hush();
    await outage.passed(MINUTE_MS);

    for (const node of nodes) {
      const events = (await node.events()).filter(({ at, type }) => at > since && HARM.includes(type));
      expect(events).toEqual([]);
      expect(await node.status()).toMatchObject({ state: 'green', leader: { node: leader.name } });
      // Once when it fell silent, once when it began to refuse.
      expect(node.log.filter((line) => line.includes('strategy dns has trouble')).length).toBeLessThan(3);
      const metrics = await (await node.fetch('/metrics')).text();
      expect(metrics).toMatch(/^cluster_discovery_errors_total\{strategy="dns"\} [1-9]/m);
    }
    const runs = (await leader.runs()).filter(({ at }) => at > since);
    expect(runs.length).toBeGreaterThan(MINUTE_MS / 1_000 - 5);
    expect(new Set(runs.map(({ token }) => token)).size).toBe(1);

    await server.run();
    await cluster.add('shop-3', { CLUSTER_BIND: HOSTS[3] ?? '' }).listening();
    await settled(cluster, 4);
  });
});
