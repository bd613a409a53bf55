/**
 * Leadership by a Kubernetes Lease when people change what it depends on: the object, the Role, the kubeconfig (L1, L3).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { TOKEN_ANNOTATION, type LoadKubeConfig } from '@nest-cluster/kubernetes';
import { until } from '../support/until.js';
import { fakeApiServer, type FakeApiServer } from './kubernetes/api-server.js';
import { editLease, LEASE_MS, LeaseNode, loggedLines, monotonicNow } from './kubernetes/lease-node.js';
import { leases } from './kubernetes/objects.js';

const servers: FakeApiServer[] = [];
const nodes: LeaseNode[] = [];
let server: FakeApiServer;
let logged: readonly string[];

async function serverOfItsOwn(): Promise<FakeApiServer> {
  const own = await fakeApiServer();
  servers.push(own);
  return own;
}

async function start(name: string, kubeConfig: LoadKubeConfig = server.kubeConfig): Promise<LeaseNode> {
  const node = new LeaseNode(name, kubeConfig);
  nodes.push(node);
  await node.start();
  return node;
}

const leads = (node: LeaseNode): Promise<unknown> => until(`${node.name} leads`, () => node.isLeader);
const puts = (): number => server.fake.requests.filter(({ method }) => method === 'PUT').length;

beforeEach(async () => {
  logged = loggedLines();
  server = await serverOfItsOwn();
});

afterEach(async () => {
  for (const each of servers) each.fake.fault = () => undefined;
  for (const node of nodes.splice(0)) await node.lease.stop();
  for (const each of servers.splice(0)) await each.close();
  Logger.overrideLogger(false);
});

describe('the object, changed by hand', () => {
  it('lets nobody in for a whole lease after its holder was emptied, though the leader cannot know (L1)', async () => {
    let isCut = false;
    const first = await start('shop-0', async () => {
      const config = await server.kubeConfig();
      const apply = config.applyToHTTPSOptions.bind(config);
      config.applyToHTTPSOptions = (options) =>
        isCut ? Promise.reject(new Error('cut off')) : apply(options);
      return config;
    });
    await leads(first);
    const second = await start('shop-1');
    await until('the second one watches', () => server.fake.watchCount === 2);
    isCut = true;
    editLease(server, { spec: { holderIdentity: '' } });
    const emptiedAt = monotonicNow();
    await leads(second);
    expect(monotonicNow() - emptiedAt).toBeGreaterThan(LEASE_MS * 0.9);
    expect(first.isLeader).toBe(false);
  });

  it('makes way for another at once when its leader gave it back', async () => {
    const first = await start('shop-0');
    await leads(first);
    const second = await start('shop-1');
    await until('the second one watches', () => server.fake.watchCount === 2);
    await first.lease.stop();
    const stoppedAt = monotonicNow();
    await leads(second);
    expect(monotonicNow() - stoppedAt).toBeLessThan(LEASE_MS / 2);
  });

  it.each([String(2 ** 53 - 1), 'none'])(
    'has no leader while its token is "%s", which is told once, until somebody removes the annotation (L3)',
    async (token) => {
      const node = await start('shop-0');
      await leads(node);
      editLease(server, { annotations: { [TOKEN_ANNOTATION]: token } });
      await until('the loss is told', () => node.told.includes('lost refused'));
      const before = puts();
      const since = server.fake.requests.length;
      await until('it looked for a while', () => server.fake.requests.length > since + 5);
      expect([puts(), node.told.length]).toEqual([before, 2]);
      const told = logged.filter((line) => line.includes(TOKEN_ANNOTATION));
      expect(told).toEqual([
        expect.stringMatching(/Lease shop\/shop.*cannot be raised.*remove its annotation/),
      ]);
      editLease(server, { annotations: {} });
      await leads(node);
      expect(logged.at(-1)).toMatch(/can be raised again/);
    },
  );
});

describe('rights that are missing', () => {
  const resources = ['leases'];
  const resourceNames = ['shop'];

  it('suffice when each is bound to the name of the Lease, also for nodes that create it at one moment', async () => {
    const verbs = ['get', 'list', 'watch', 'create', 'update'];
    server.fake.rights.rules = [{ resources, resourceNames, verbs }];
    const all = await Promise.all([0, 1, 2, 3].map((index) => start(`shop-${index}`)));
    await until('somebody leads', () => all.some(({ isLeader }) => isLeader));
    expect(all.filter(({ isLeader }) => isLeader)).toHaveLength(1);
    expect([[...server.fake.rights.refused], logged]).toEqual([[], []]);
    const agents = new Set(server.fake.requests.map(({ userAgent }) => userAgent));
    expect([...agents]).toEqual([expect.stringMatching(/^nest-cluster\/\d+\.\d+\.\d+/)]);
  });

  it('are told once while it may read and not create, and their end is told when it created', async () => {
    server.fake.rights.rules = [{ resources, resourceNames, verbs: ['get', 'list', 'watch', 'update'] }];
    const node = await start('shop-0');
    await until('it was refused many times', () => puts() > 5);
    expect(logged).toEqual([
      expect.stringMatching(/Lease shop\/shop cannot be created.* 403 .*if this lasts.*Role/),
    ]);
    server.fake.rights.rules = undefined;
    await leads(node);
    expect(logged.slice(1)).toEqual(['Lease shop/shop can be created again']);
  });

  it('are told once while the namespace is missing', async () => {
    server.fake.namespaces = new Set();
    await start('shop-0');
    await until('it was refused many times', () => puts() > 5);
    expect(logged).toEqual([expect.stringMatching(/cannot be created.* 404 .*namespaces "shop" not found/)]);
  });

  it('are told when it may not watch, and it leads all the same', async () => {
    server.fake.rights.rules = [{ resources, resourceNames, verbs: ['get', 'list', 'create', 'update'] }];
    const node = await start('shop-0');
    await leads(node);
    await until('it is told', () => logged.length > 0);
    expect(logged).toEqual([expect.stringMatching(/cannot be watched.*noticed late.* 403 /)]);
    server.fake.rights.rules = undefined;
    await until('the end is told', () => logged.length > 1);
    expect(logged[1]).toBe('Lease shop/shop can be watched again');
  });
});

describe('a kubeconfig that is rewritten while the API is away', () => {
  it('is read again, with another address and authority', async () => {
    const node = await start('shop-0');
    await leads(node);
    const other = await serverOfItsOwn();
    await server.fake.close();
    await writeFile(server.kubeConfigFile, await contentOf(other));
    await until(
      'it leads by the other server',
      () => node.isLeader && other.fake.store.list(leases('shop'))[0],
    );
  });

  it('is read again when its authority was the wrong one', async () => {
    const right = await contentOf(server);
    const wrong = (await contentOf(await serverOfItsOwn())).replace(/https:[^"]+/, server.fake.url);
    await writeFile(server.kubeConfigFile, wrong);
    const node = await start('shop-0');
    await until('it is told', () => logged.some((line) => /cannot be read.*certificate/.test(line)));
    await writeFile(server.kubeConfigFile, right);
    await leads(node);
  });
});

const contentOf = ({ kubeConfigFile }: FakeApiServer): Promise<string> => readFile(kubeConfigFile, 'utf8');
