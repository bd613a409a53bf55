/**
 * The `epmd` strategy beside the real thing: Erlang's daemon and Erlang's nodes, from Debian's package `erlang-base`. Where that is
 * not installed the suite is left out, but never in CI.
 */
import { randomBytes } from 'node:crypto';
import type { ClusterStrategy } from '@nest-cluster/core';
import { epmd } from '@nest-cluster/core';
import { DemoCluster } from '../support/demo-cluster.js';
import { end, Erlang, hasErlang } from '../support/erlang.js';
import { until } from '../support/until.js';

const suite = hasErlang || process.env['CI'] === 'true' ? describe : describe.skip;

suite("epmd, with Erlang's own", () => {
  let erlang: Erlang;
  const started: ClusterStrategy[] = [];

  const start = async (name: string, own: number, cluster = 'default'): Promise<ClusterStrategy> => {
    const strategy = epmd({ port: erlang.port }).create({});
    await strategy.start?.({
      cluster,
      secrets: [],
      self: { name, incarnation: randomBytes(16).toString('hex'), host: '127.0.0.1', port: own },
      loopbackOnly: true,
      found: () => undefined,
      wake: () => undefined,
      rejected: () => undefined,
    });
    started.push(strategy);
    return strategy;
  };
  const discover = async (strategy: ClusterStrategy): Promise<string[]> =>
    (await strategy.discover(AbortSignal.timeout(5_000))).toSorted();
  const NAMES = 'net_adm:names("127.0.0.1")';

  beforeEach(async () => {
    erlang = await Erlang.prepare();
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map(async (strategy) => strategy.stop?.()));
    await erlang.close();
  });

  it('registers at the daemon, is listed there, and finds its like alone', async () => {
    await erlang.startDaemon();
    await erlang.startNode('e1');
    const [a, b] = [await start('shop-a@vm', 4001), await start('shop-b@vm', 4002)];
    await start('bank@vm', 4003, 'other');
    const list = await erlang.listed();
    for (const line of ['name shop-a at port 4001', 'name shop-b at port 4002', 'name bank at port 4003'])
      expect(list).toContain(line);
    expect(await discover(a)).toEqual(['127.0.0.1:4002']);
    expect(await discover(b)).toEqual(['127.0.0.1:4001']);
    expect(await erlang.evaluates(NAMES)).toMatch(/^\{ok,.*\{"shop-a",4001\}/s);
  });

  it('is gone from the daemon as soon as it stops', async () => {
    await erlang.startDaemon();
    const a = await start('shop-a@vm', 4001);
    await a.stop?.();
    await erlang.listsNoMore('shop-a');
    expect(await erlang.listed()).toContain('up and running');
  });

  it('outlives the daemon: a node takes its place, and the daemon takes it back', async () => {
    await erlang.startDaemon();
    const [a, b] = [await start('shop-a@vm', 4001), await start('shop-b@vm', 4002)];
    await erlang.killDaemon();
    await erlang.lists('shop-a', 'shop-b');
    expect(await discover(a)).toEqual(['127.0.0.1:4002']);

    await a.stop?.();
    await b.stop?.();
    await erlang.startDaemon();
    expect(await discover(await start('shop-c@vm', 4004))).toEqual([]);
    expect(await erlang.listed()).toContain('name shop-c at port 4004');
  });

  it('serves Erlang nodes and tools where no daemon runs', async () => {
    const [a] = [await start('shop-a@vm', 4001), await start('shop-b@vm', 4002)];
    const node = await erlang.startNode('e2');
    expect(await erlang.listed()).toMatch(/^epmd: up and running on port \d+ with data:\n/);
    expect(await erlang.evaluates(NAMES)).toMatch(/\{"shop-b",4002\}/);
    expect(await erlang.evaluates(NAMES)).toMatch(/\{"e2",\d+\}/);
    expect(await discover(a)).toEqual(['127.0.0.1:4002']);
    await end(node);
    await erlang.listsNoMore('e2');
  });
});

suite('a cluster by epmd', () => {
  let erlang: Erlang;
  let nodes: DemoCluster;

  const gone = (since: number): Promise<readonly unknown[]> =>
    Promise.all(
      [...nodes.nodes.values()]
        .filter((node) => node.isRunning)
        .map(async (node) =>
          (await node.events())
            .filter(({ at, type }) => at >= since && type === 'nodeDown')
            .map(({ node: who, reason }) => `${who} ${reason}`),
        ),
    );
  /** All that run see each other, and nobody else. */
  const whole = async (): Promise<void> => {
    const running = [...nodes.nodes.values()].filter((node) => node.isRunning);
    await Promise.all(running.map((node) => node.listening()));
    await until('all see all', async () => {
      const seen = await Promise.all(running.map((node) => node.status()));
      return seen.every(({ nodes: all }) => {
        const up = all.filter(({ status }) => status === 'up').map(({ name }) => name);
        return (
          up.toSorted().join() ===
          running
            .map(({ name }) => name)
            .toSorted()
            .join()
        );
      });
    });
  };

  beforeEach(async () => {
    erlang = await Erlang.prepare();
    nodes = DemoCluster.of({
      CLUSTER_STRATEGY: 'epmd',
      CLUSTER_EPMD_PORT: String(erlang.port),
      CLUSTER_SECRET: randomBytes(16).toString('hex'),
      CLUSTER_BIND: '127.0.0.1',
      CLUSTER_SIZE: '3',
    });
  });

  afterEach(async () => {
    await nodes.stop();
    await erlang.close();
  });

  it('lives through the end of the daemon, and leaves Erlang nodes alone', async () => {
    await erlang.startDaemon();
    await erlang.startNode('e1');
    const bystander = await erlang.startBystander('e2');
    for (const name of ['a', 'b', 'c']) nodes.add(name);
    await whole();
    await erlang.lists('a', 'b', 'c', 'e1', 'e2');
    expect(await erlang.evaluates("net_adm:ping('e1@127.0.0.1')", 'e3')).toBe('pong');

    let since = Date.now();
    await nodes.node('c').end('SIGKILL');
    await erlang.listsNoMore('c');
    nodes.add('c2');
    await whole();
    expect(await gone(since)).toEqual([['c failed'], ['c failed'], []]);

    since = Date.now();
    await erlang.killDaemon();
    await erlang.startDaemon();
    await erlang.lists('a', 'b', 'c2');
    nodes.add('d');
    await whole();
    expect(await gone(since)).toEqual([[], [], [], []]);
    expect(bystander.connections).toBe(0);
  });

  it('where no daemon runs, lives through the end of the node that maps the ports', async () => {
    nodes.add('mapper');
    await erlang.lists('mapper');
    for (const name of ['b', 'c']) nodes.add(name);
    await whole();
    await erlang.lists('mapper', 'b', 'c');
    const since = Date.now();
    await nodes.node('mapper').end('SIGKILL');
    await erlang.lists('b', 'c');
    expect(await erlang.listed()).not.toContain('mapper');
    nodes.add('d');
    await whole();
    expect(await gone(since)).toEqual([['mapper failed'], ['mapper failed'], []]);
  });
});
