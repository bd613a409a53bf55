/**
 * Discovery through the Kubernetes API (D1–D4): on a real cluster with NEST_CLUSTER_E2E=1 and KUBECONFIG, else on a fake that
 * is as strict as a real one, and that fails in every way that a real one can.
 */
import { hostname } from 'node:os';
import type { ClusterStrategy, StrategyContext } from '@nest-cluster/core';
import { kubernetes, type KubernetesOptions } from '@nest-cluster/kubernetes';
import { strategyConformance } from '@nest-cluster/testing';
import { until } from '../support/until.js';
import { apiServer, fakeApiServer, type ApiServer, type FakeApiServer } from './kubernetes/api-server.js';
import { endpointSlice, pod, pods, slices } from './kubernetes/objects.js';

const contextOf = (found: string[]): StrategyContext => ({
  cluster: 'test',
  secrets: [],
  self: { name: 'self', incarnation: 'a'.repeat(32), host: '10.0.0.1', port: 45_999 },
  loopbackOnly: false,
  found: (contacts) => void found.push(...contacts),
  wake: () => undefined,
  rejected: () => undefined,
});

const running: ClusterStrategy[] = [];

async function begin(
  server: ApiServer,
  options: KubernetesOptions,
  found: string[] = [],
): Promise<ClusterStrategy> {
  const strategy = kubernetes({
    selector: 'app=shop',
    kubeConfig: server.kubeConfig,
    namespace: server.namespace,
    ...options,
  }).create({});
  running.push(strategy);
  await strategy.start?.(contextOf(found));
  return strategy;
}

const discover = (strategy: ClusterStrategy): Promise<readonly string[]> =>
  strategy.discover(AbortSignal.timeout(5_000));

afterEach(async () => {
  for (const strategy of running.splice(0)) await strategy.stop?.();
});

describe('discovery through the API', () => {
  let server: ApiServer;

  beforeEach(async () => {
    server = await apiServer();
  });

  afterEach(async () => {
    await server.close();
  });

  it('takes addresses that are not ready and leaves out those that terminate (D4)', async () => {
    const slice = endpointSlice(
      'shop-1',
      [
        { ip: '10.0.0.7' },
        { ip: '10.0.0.8', conditions: { ready: false, serving: false, terminating: false } },
        { ip: '10.0.0.9', conditions: { ready: false, serving: true, terminating: true } },
        { ip: '10.0.0.10', conditions: {} },
      ],
      4000,
    );
    expect((await server.send('POST', slices(server.namespace), slice)).status).toBe(201);
    const strategy = await begin(server, {});
    expect(await discover(strategy)).toEqual(['10.0.0.7:4000', '10.0.0.8:4000', '10.0.0.10:4000']);
  });

  it('names contact points by ip, dns and hostname, with the port of the Service or its own', async () => {
    const { namespace } = server;
    await server.send(
      'POST',
      slices(namespace),
      endpointSlice('shop-1', [{ ip: '10.0.0.7', hostname: 'shop-0' }]),
    );
    await server.send(
      'POST',
      slices(namespace),
      endpointSlice('shop-2', [{ ip: 'fd00::7', hostname: 'shop-1' }], 4000),
    );
    expect(await discover(await begin(server, {}))).toEqual(['10.0.0.7:45999', '[fd00::7]:4000']);
    expect(await discover(await begin(server, { mode: 'dns' }))).toEqual([
      `10-0-0-7.${namespace}.pod.cluster.local:45999`,
      `fd00--7.${namespace}.pod.cluster.local:4000`,
    ]);
    expect(await discover(await begin(server, { mode: 'hostname', domain: 'example.org' }))).toEqual([
      `shop-0.shop.${namespace}.svc.example.org:45999`,
      `shop-1.shop.${namespace}.svc.example.org:4000`,
    ]);
  });

  it('hears of changes without being asked (D2)', async () => {
    const found: string[] = [];
    const strategy = await begin(server, {}, found);
    expect(await discover(strategy)).toEqual([]);
    await server.send('POST', slices(server.namespace), endpointSlice('shop-1', [{ ip: '10.0.0.7' }], 4000));
    await until('the new address is told', () => found.includes('10.0.0.7:4000'));
    await server.send('DELETE', `${slices(server.namespace)}/shop-1`);
    await until('the old address is gone', async () => (await discover(strategy)).length === 0);
  });

  it('obeys the selector', async () => {
    await server.send('POST', slices(server.namespace), endpointSlice('shop-1', [{ ip: '10.0.0.7' }], 4000));
    const selector = 'app in (shop,store),!canary,kubernetes.io/service-name=shop';
    expect(await discover(await begin(server, { selector }))).toEqual(['10.0.0.7:4000']);
    expect(await discover(await begin(server, { selector: 'app!=shop' }))).toEqual([]);
  });
});

strategyConformance('kubernetes', async () => {
  const server = await fakeApiServer();
  await server.send('POST', slices(server.namespace), endpointSlice('shop-1', [{ ip: '10.0.0.7' }], 45_893));
  return {
    strategy: kubernetes({ selector: 'app=shop', kubeConfig: server.kubeConfig }).create({}),
    expected: ['10.0.0.7:45893'],
    outage: { begin: () => server.fake.close(), end: () => server.fake.listen() },
    close: () => server.close(),
  };
});

describe('an API that fails', () => {
  let server: FakeApiServer;
  const add = (name: string, ip: string): unknown =>
    server.fake.store.create(slices('shop'), endpointSlice(name, [{ ip }], 4000));

  beforeEach(async () => {
    server = await fakeApiServer();
  });

  afterEach(async () => {
    await server.close();
  });

  it('reads pods, without those that ended, are leaving, or have no address yet', async () => {
    const { store } = server.fake;
    store.create(pods('shop'), pod('shop-0', '10.0.0.7'));
    store.create(pods('shop'), pod('shop-1', undefined));
    store.create(pods('shop'), pod('shop-2', '10.0.0.8', { phase: 'Succeeded' }));
    store.create(pods('shop'), pod('shop-3', '10.0.0.9', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    store.create(pods('shop'), pod('shop-4', '10.0.0.10', { phase: 'Pending' }));
    expect(await discover(await begin(server, { lookup: 'pods' }))).toEqual([
      '10.0.0.7:45893',
      '10.0.0.10:45893',
    ]);
    const hostnames = await discover(await begin(server, { lookup: 'pods', mode: 'hostname' }));
    expect(hostnames).toContain('shop-1.shop.shop.svc.cluster.local:45893');
  });

  it('reads long lists page by page, and begins anew when the server forgot the list between two pages (410)', async () => {
    const addresses = Array.from(
      { length: 1_203 },
      (_, index) => `10.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    );
    for (const [index, ip] of addresses.entries()) add(`slice-${String(index).padStart(4, '0')}`, ip);
    let hasForgotten = false;
    server.fake.fault = ({ query }) => {
      if (query.has('continue') && !hasForgotten) {
        hasForgotten = true;
        server.fake.store.compact();
      }
      return undefined;
    };
    const strategy = await begin(server, {});
    const contacts = await until('the list is whole', async () => {
      const list = await discover(strategy).catch(() => []);
      return list.length === addresses.length && list;
    });
    expect(contacts).toEqual(addresses.map((ip) => `${ip}:4000`));
    expect(server.fake.requests.every(({ query, isWatch }) => isWatch || query.get('limit') === '500')).toBe(
      true,
    );
  });

  it('lists again when the server has forgotten its version, whether it says so at once or in the stream (410)', async () => {
    const found: string[] = [];
    const strategy = await begin(server, {}, found);
    await discover(strategy);
    await until('it watches', () => server.fake.watchCount === 1);
    const refused = new Set<string>();
    server.fake.fault = ({ isWatch, query }) => {
      const version = query.get('resourceVersion') ?? '';
      return isWatch && refused.size === 0 && refused.add(version) ? { status: 410 } : undefined;
    };
    server.fake.endWatches();
    add('shop-1', '10.0.0.7');
    await until('the first address is found', () => found.includes('10.0.0.7:4000'));
    expect(refused.size).toBe(1);
    await until('it watches again', () => server.fake.watchCount === 1);
    server.fake.isSilent = true;
    add('shop-2', '10.0.0.8');
    server.fake.store.compact();
    server.fake.endWatches();
    server.fake.isSilent = false;
    await until('the second address is found', () => found.includes('10.0.0.8:4000'));
  });

  it('reads the rotated token again, without a failure (401)', async () => {
    const found: string[] = [];
    const strategy = await begin(server, {}, found);
    await discover(strategy);
    await until('it watches', () => server.fake.watchCount === 1);
    await server.rotateToken();
    server.fake.endWatches();
    add('shop-1', '10.0.0.7');
    await until('the address is found', () => found.includes('10.0.0.7:4000'));
    expect(await discover(await begin(server, {}))).toEqual(['10.0.0.7:4000']);
  });

  it.each([
    [401, /401.*token/],
    [403, /403.*Role/],
    [404, /404.*namespace/],
    [429, /429.*overloaded/],
    [500, /500/],
  ])('says what %d means, tries again, and works when it is over (D3)', async (status, message) => {
    add('shop-1', '10.0.0.7');
    server.fake.fault = () => ({ status });
    const strategy = await begin(server, {});
    await expect(discover(strategy)).rejects.toThrow(message);
    server.fake.fault = () => undefined;
    expect(await discover(strategy)).toEqual(['10.0.0.7:4000']);
  });

  it('does not hang with a server that takes requests and never answers', async () => {
    server.fake.fault = () => ({ hang: true });
    const strategy = await begin(server, {});
    await expect(strategy.discover(AbortSignal.timeout(200))).rejects.toThrow(/did not answer/);
  });

  it('survives an outage: whoever is known stays known, and what is new is found when it is over (D2)', async () => {
    const found: string[] = [];
    add('shop-1', '10.0.0.7');
    const strategy = await begin(server, {}, found);
    expect(await discover(strategy)).toEqual(['10.0.0.7:4000']);
    await until('it watches', () => server.fake.watchCount === 1);
    await server.fake.close();
    await until('the failure is told', () =>
      discover(strategy).then(
        () => false,
        () => true,
      ),
    );
    add('shop-2', '10.0.0.8');
    await server.fake.listen();
    await until(
      'the new address is found',
      async () => (await discover(strategy).catch(() => [])).length === 2,
    );
  });

  it('gives up a watch in which nothing comes, not even bookmarks, and keeps one with bookmarks alone', async () => {
    const found: string[] = [];
    server.fake.bookmarkMs = 100;
    await discover(await begin(server, { watchSilenceMs: 1_000 }, found));
    await until('it watches', () => server.fake.watchCount === 1);
    const lists = (): number => server.fake.requests.filter(({ isWatch }) => !isWatch).length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(lists()).toBe(1);
    server.fake.isSilent = true;
    add('shop-1', '10.0.0.7');
    await until('the address is found by a new list', () => found.includes('10.0.0.7:4000'));
    expect(lists()).toBeGreaterThan(1);
  });

  it('does not begin a storm of requests when watches end at once', async () => {
    const strategy = await begin(server, {});
    await discover(strategy);
    const timer = setInterval(() => server.fake.endWatches(), 1);
    await until(
      'some watches were begun',
      () => server.fake.requests.filter(({ isWatch }) => isWatch).length >= 3,
    );
    const before = server.fake.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    clearInterval(timer);
    expect(server.fake.requests.length - before).toBeLessThan(4);
  });

  it('takes what it cannot read for nothing (D3)', async () => {
    const { store } = server.fake;
    const labels = { app: 'shop' };
    const odd = [
      { endpoints: null },
      { endpoints: [{ addresses: [7] }, { addresses: [] }, {}] },
      { ports: 'x' },
      {},
    ];
    for (const [index, each] of odd.entries())
      store.create(slices('shop'), { metadata: { name: `odd-${index}`, labels }, ...each });
    add('shop-1', '10.0.0.7');
    expect(await discover(await begin(server, {}))).toEqual(['10.0.0.7:4000']);
  });
});

describe('settings', () => {
  const nonsense = {
    CLUSTER_KUBERNETES_LOOKUP: 'nodes',
    CLUSTER_KUBERNETES_MODE: 'x',
    CLUSTER_KUBERNETES_NAMESPACE: 'A b',
  };

  it('come from the environment, and every problem is told with its variable', () => {
    expect(kubernetes().problems({ CLUSTER_KUBERNETES_SELECTOR: 'app=shop' })).toEqual([]);
    expect(
      kubernetes()
        .problems(nonsense)
        .map(({ variable }) => variable),
    ).toEqual([
      'CLUSTER_KUBERNETES_SELECTOR',
      'CLUSTER_KUBERNETES_NAMESPACE',
      'CLUSTER_KUBERNETES_LOOKUP',
      'CLUSTER_KUBERNETES_MODE',
    ]);
  });

  it('names a pod by its host name, and leaves the name to the node elsewhere', () => {
    const options = { selector: 'app=shop', basename: 'shop' };
    const inPod = kubernetes(options).create({ KUBERNETES_SERVICE_HOST: '10.96.0.1' });
    expect(inPod.identity?.()).toEqual({ name: `shop@${hostname()}` });
    expect(kubernetes(options).create({}).identity?.()).toEqual({});
  });

  it('says what is missing outside of a cluster', async () => {
    const strategy = kubernetes({ selector: 'app=shop' }).create({});
    await expect(strategy.start?.(contextOf([]))).rejects.toThrow(/KUBECONFIG/);
  });
});
