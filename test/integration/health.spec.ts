/**
 * Health, readiness and liveness of real nodes: alone, together, while one is missing, blocked, and while one leaves.
 */
import { join } from 'node:path';
import { DemoCluster } from '../support/demo-cluster.js';
import { DemoNode } from '../support/demo-node.js';
import { until } from '../support/until.js';

const TOKEN = 'health-token';
const DRAINING = join(__dirname, '../support/draining-node.mjs');

interface Health {
  readonly code: number;
  readonly status: string;
  readonly details: Readonly<Record<string, unknown>>;
}

async function health(node: DemoNode, path = ''): Promise<Health> {
  const response = await node.fetch(`/health${path}`);
  const body = (await response.json()) as { details: { cluster: Record<string, unknown> } };
  const { status, ...details } = body.details.cluster;
  return { code: response.status, status: String(status), details };
}

describe('health', () => {
  let cluster: DemoCluster;
  beforeEach(async () => {
    cluster = DemoCluster.of(await DemoCluster.environment(3, { CLUSTER_MANAGEMENT_TOKEN: TOKEN }));
  });
  afterEach(() => cluster.stop());

  it('follows the cluster from joining to green, yellow and red', async () => {
    const [a, b, c] = [1, 2, 3].map((index) => `n${index}@test`) as [string, string, string];
    const first = await cluster.add(a).listening();
    expect(await health(first)).toMatchObject({
      code: 503,
      status: 'down',
      details: { state: 'red', leader: null },
    });
    expect(await health(first, '/ready')).toMatchObject({ code: 503, status: 'down' });
    expect(await health(first, '/live')).toMatchObject({ code: 200, status: 'up' });
    cluster.add(b);
    await until('two of three are yellow', async () => {
      const { code, status, details } = await health(first);
      return code === 200 && status === 'degraded' && details['message'] === '2 of 3 nodes are up';
    });
    await until('it is ready', async () => (await health(first, '/ready')).code === 200);
    cluster.add(c);
    const leader = await cluster.settled();
    expect(await health(first)).toMatchObject({
      code: 200,
      status: 'up',
      details: {
        state: 'green',
        size: { expected: 3, current: 3 },
        leader: leader.name,
        guarantee: 'quorum',
        storeReady: true,
      },
    });
    expect((await health(first)).details['lag']).toEqual(expect.any(Number));
    await cluster.node(b).end('SIGKILL');
    await cluster.node(c).end('SIGKILL');
    await until('one of three is red', async () => (await health(first)).code === 503);
    expect(await health(first)).toMatchObject({
      status: 'down',
      details: { state: 'red', message: 'no quorum: 1 of 3 nodes are up' },
    });
    expect(await health(first, '/ready')).toMatchObject({ code: 503, status: 'down' });
    // A restart would help nobody.
    expect(await health(first, '/live')).toMatchObject({ code: 200, status: 'up' });
  });

  it('is not ready after it has left, and lives on', async () => {
    const names = [1, 2, 3].map((index) => cluster.add(`n${index}@test`));
    await cluster.settled();
    const [node] = names as [DemoNode];
    const left = await node.fetch(`/cluster/nodes/${node.name}?mode=leave`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(left.status).toBe(202);
    await until('it is not ready', async () => (await health(node, '/ready')).code === 503);
    expect(await health(node)).toMatchObject({ code: 503, status: 'down' });
    expect(await health(node, '/live')).toMatchObject({ code: 200, status: 'up' });
  });

  it('is not ready, and yet alive, from the moment at which a shutdown begins until its end', async () => {
    const names = ['n2@test', 'n3@test'].map((name) => cluster.add(name));
    const node = DemoNode.start('n1@test', cluster.env, DRAINING);
    cluster.nodes.set(node.name, node);
    await cluster.settled();
    expect((await health(node, '/ready')).code).toBe(200);
    const draining = new Promise((resolve) => node.process.once('message', resolve));
    node.signal('SIGTERM');
    await draining;
    for (let look = 0; look < 3; look++) {
      expect(await health(node, '/ready')).toMatchObject({
        code: 503,
        status: 'down',
        details: { message: 'this node is not in the cluster, or is leaving it' },
      });
      // A restart would cut short what it is doing.
      expect(await health(node, '/live')).toMatchObject({ code: 200, status: 'up' });
    }
    expect(await health(node)).toMatchObject({ code: 503, status: 'down' });
    // N2: store and links stay until the end, and the others still count it among them.
    for (const other of names)
      expect((await other.status()).nodes.find(({ name }) => name === node.name)?.status).toBe('up');
    const gone = new Promise((resolve) => node.process.once('exit', resolve));
    node.process.send('end');
    await gone;
    for (const other of names) {
      const down = await cluster.event(
        other,
        0,
        'that it left',
        ({ type, node: about }) => type === 'nodeDown' && about === node.name,
      );
      expect(down.reason).toBe('left');
    }
  });

  it('comes late from an application that is blocked, and others call it degraded meanwhile', async () => {
    for (const index of [1, 2, 3]) cluster.add(`n${index}@test`);
    await cluster.settled();
    const [blocked, other] = [cluster.node('n1@test'), cluster.node('n2@test')];
    await blocked.block(4_000);
    const late = health(blocked);
    await until('it is seen as degraded', async () =>
      (await other.status()).nodes.some(({ name, status }) => name === blocked.name && status === 'degraded'),
    );
    expect((await health(other)).code).toBe(200);
    expect((await late).code).toBe(200);
    await until('all is well again', async () => (await health(blocked)).status === 'up');
  });
});
