import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';
import type { ClusterStrategy, StrategyContext } from '../../ports/cluster-strategy.js';
import { names, register } from './epmd-client.js';
import { epmd } from './epmd.js';
import type { EpmdOptions } from './epmd.js';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('epmd', () => {
  let port = 0;
  const started: ClusterStrategy[] = [];
  const notes: string[] = [];

  const context = (name: string, own: number, cluster = 'default'): StrategyContext => ({
    cluster,
    secrets: [],
    self: { name, incarnation: randomBytes(16).toString('hex'), host: '127.0.0.1', port: own },
    loopbackOnly: true,
    found: () => undefined,
    wake: () => undefined,
    rejected: () => undefined,
    note: (text) => notes.push(text),
  });
  const start = async (
    name: string,
    own: number,
    cluster?: string,
    options: EpmdOptions = {},
  ): Promise<ClusterStrategy> => {
    const strategy = epmd({ port, ...options }).create({});
    await strategy.start?.(context(name, own, cluster));
    started.push(strategy);
    return strategy;
  };
  const discover = async (strategy: ClusterStrategy): Promise<string[]> =>
    (await strategy.discover(AbortSignal.timeout(5_000))).toSorted();
  const registered = (): Promise<readonly string[]> => names({ host: '127.0.0.1', port }).catch(() => []);

  beforeEach(async () => {
    port = await freePort();
    notes.length = 0;
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map(async (strategy) => strategy.stop?.()));
  });

  it('lets the nodes of a host find each other where no port mapper runs (D1)', async () => {
    const [a, b, c] = [await start('a@vm', 4001), await start('b@vm', 4002), await start('c@vm', 4003)];
    expect(await discover(a)).toEqual(['127.0.0.1:4002', '127.0.0.1:4003']);
    expect(await discover(b)).toEqual(['127.0.0.1:4001', '127.0.0.1:4003']);
    expect(await discover(c)).toEqual(['127.0.0.1:4001', '127.0.0.1:4002']);
    expect((await registered()).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('lets another node take over when the one that maps the ports ends (D2)', async () => {
    const [first, b, c] = [await start('a@vm', 4001), await start('b@vm', 4002), await start('c@vm', 4003)];
    await first.stop?.();
    await until(async () => (await registered()).length === 2);
    expect(await discover(b)).toEqual(['127.0.0.1:4003']);
    expect(await discover(c)).toEqual(['127.0.0.1:4002']);
    expect(await discover(await start('d@vm', 4004))).toEqual(['127.0.0.1:4002', '127.0.0.1:4003']);
  });

  it('is told of no more once it stopped, and may start again (D4)', async () => {
    const [a, b] = [await start('a@vm', 4001), await start('b@vm', 4002)];
    await b.stop?.();
    await until(async () => (await registered()).length === 1);
    expect(await discover(a)).toEqual([]);
    await b.start?.(context('b@vm', 4005));
    expect(await discover(a)).toEqual(['127.0.0.1:4005']);
  });

  it('leaves other clusters and other programs alone', async () => {
    const mine = await start('a@vm', 4001);
    await start('z@vm', 4009, 'other');
    const foreign = [
      Buffer.alloc(0),
      Buffer.from('{"id":1}'),
      Buffer.from('null'),
      Buffer.from('{"nestCluster":1}'),
    ];
    const sockets = await Promise.all(
      foreign.map((extra, n) => register({ host: '127.0.0.1', port }, `erlang${n}`, 5000 + n, extra)),
    );
    expect(await discover(mine)).toEqual([]);
    for (const socket of sockets) socket?.destroy();
  });

  it('takes another name where its own is taken', async () => {
    const [a, b] = [await start('shop@vm', 4001), await start('shop@vm', 4002, 'other')];
    const [c] = [await start('shop@vm', 4003)];
    expect(await discover(a)).toEqual(['127.0.0.1:4003']);
    expect(await discover(c)).toEqual(['127.0.0.1:4001']);
    expect(await discover(b)).toEqual([]);
    expect(await registered()).toContain('shop');
  });

  it('goes on with the hosts that answer, and says which do not (D3)', async () => {
    const a = await start('a@vm', 4001, 'default', { hosts: ['127.0.0.9', '127.0.0.8'] });
    await start('b@vm', 4002);
    expect(await discover(a)).toEqual(['127.0.0.1:4002']);
    expect(notes).toEqual([
      'port mappers that do not answer: 127.0.0.9: ECONNREFUSED; 127.0.0.8: ECONNREFUSED',
    ]);
  });

  it('fails to start where something else holds the port, and starts afterwards (D3)', async () => {
    const other = createServer((socket) => socket.resume().end('SSH-2.0\r\n'));
    port = await listening(other);
    await expect(start('a@vm', 4001)).rejects.toThrow(/does not answer as a port mapper does/);
    other.close();
    await once(other, 'close');
    await expect(start('a@vm', 4001)).resolves.toBeDefined();
  });

  it('knows the voters when it is told the names of all nodes (L5)', () => {
    const strategy = epmd().create({ CLUSTER_EPMD_HOSTS: 'shop@one, shop@two,shop2@two' });
    expect(strategy.voters?.()).toEqual(['shop@one', 'shop@two', 'shop2@two']);
    expect(epmd({ hosts: ['one', 'two'] }).create({})).not.toHaveProperty('voters');
    expect(epmd().create({})).not.toHaveProperty('voters');
    expect(strategy.carriesPort).toBe(true);
  });

  it('says so when this node is none of the named ones', async () => {
    await start('a@127.0.0.1', 4001, 'default', { hosts: ['a@127.0.0.1', 'b@127.0.0.1'] });
    expect(notes).toEqual([]);
    await start('c@127.0.0.1', 4003, 'default', { hosts: ['a@127.0.0.1', 'b@127.0.0.1'] });
    expect(notes).toEqual([expect.stringMatching(/c@127\.0\.0\.1 is none of the names.*no vote/)]);
  });

  it('names what is wrong with its settings', () => {
    const problems = (hosts: string): readonly string[] =>
      epmd()
        .problems({ CLUSTER_EPMD_HOSTS: hosts, CLUSTER_EPMD_PORT: 'x' })
        .map(({ variable }) => variable ?? '');
    expect(problems('one,two')).toEqual(['CLUSTER_EPMD_PORT']);
    expect(problems('shop@one,two')).toEqual(['CLUSTER_EPMD_HOSTS', 'CLUSTER_EPMD_PORT']);
    expect(problems('@one')).toEqual(['CLUSTER_EPMD_HOSTS', 'CLUSTER_EPMD_PORT']);
    expect(problems('shop@')).toEqual(['CLUSTER_EPMD_HOSTS', 'CLUSTER_EPMD_PORT']);
  });
});
