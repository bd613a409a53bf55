/**
 * Discovery through the Kubernetes API (D1–D4): on a real cluster with NEST_CLUSTER_E2E=1 and KUBECONFIG, else on a fake that
 * is as strict as a real one.
 */
import { hostname } from 'node:os';
import { kubernetes } from '@nest-cluster/kubernetes';
import { strategyConformance } from '@nest-cluster/testing';
import { until } from '../support/until.js';
import { apiServer, fakeApiServer, type ApiServer } from './kubernetes/api-server.js';
import { begin, contextOf, discover, stopAll } from './kubernetes/discovering.js';
import { endpointSlice, slices } from './kubernetes/objects.js';

afterEach(stopAll);

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

  it('forgets what leaves the selector, and finds what enters it', async () => {
    const labels = async (name: string, app: string): Promise<void> => {
      const path = `${slices(server.namespace)}/${name}`;
      const { object } = await server.send('GET', path);
      const changed = { ...object, metadata: { ...object.metadata, labels: { app } } };
      expect((await server.send('PUT', path, changed)).status).toBe(200);
    };
    for (const [name, ip] of [
      ['shop-1', '10.0.0.7'],
      ['shop-2', '10.0.0.8'],
    ] as const)
      await server.send('POST', slices(server.namespace), endpointSlice(name, [{ ip }], 4000));
    await labels('shop-2', 'other');
    const found: string[] = [];
    const strategy = await begin(server, {}, found);
    expect(await discover(strategy)).toEqual(['10.0.0.7:4000']);
    await labels('shop-2', 'shop');
    await until('what entered is told', () => found.includes('10.0.0.8:4000'));
    await labels('shop-1', 'other');
    await until('what left is gone', async () => (await discover(strategy)).join() === '10.0.0.8:4000');
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

  it('names a pod by its own name, and leaves the name to the node elsewhere', () => {
    const options = { selector: 'app=shop', basename: 'shop' };
    const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', CLUSTER_KUBERNETES_POD_NAME: 'shop-7d9-x2x' };
    expect(kubernetes(options).create(pod).identity?.()).toEqual({ name: 'shop@shop-7d9-x2x' });
    expect(kubernetes(options).create({}).identity?.()).toEqual({});
  });

  it('names two pods on one host apart, though nobody tells what they are called', () => {
    const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
    const strategies = [1, 2].map(() => kubernetes({ selector: 'app=shop' }).create(pod));
    const [first, second] = strategies.map((strategy) => strategy.identity?.().name);
    expect(first).toMatch(new RegExp(`^cluster-[0-9a-f]+@${hostname()}$`));
    expect(second).not.toBe(first);
    expect(strategies[0]?.identity?.().name).toBe(first);
  });

  it('says what is missing outside of a cluster', async () => {
    const strategy = kubernetes({ selector: 'app=shop' }).create({});
    await expect(strategy.start?.(contextOf([]))).rejects.toThrow(/KUBECONFIG/);
  });
});
