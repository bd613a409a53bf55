/**
 * What real processes list of a node that was restarted under its name.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import type { DemoNode } from '../support/demo-node.js';
import { call, PAGE_TOKEN } from '../support/page-stage.js';
import { until } from '../support/until.js';

const NAMES = ['n1@test', 'n2@test', 'n3@test'];

it('M8: a node that was restarted three times is listed once everywhere, with its past lives on request', async () => {
  const cluster = await DemoCluster.start(3, { CLUSTER_MANAGEMENT_TOKEN: PAGE_TOKEN });
  try {
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      await cluster.node('n3@test').end(signal);
      cluster.add('n3@test');
      await cluster.settled();
    }
    // This one has met the last life only.
    await cluster.node('n2@test').end('SIGTERM');
    cluster.add('n2@test');
    await cluster.settled();
    for (const node of cluster.nodes.values()) {
      expect((await node.status()).nodes.map(({ name }) => name)).toEqual(NAMES);
      expect((await listed(node)).map(({ name }) => name)).toEqual(NAMES);
    }
    for (const name of ['n1@test', 'n2@test']) {
      const lives = await until(`${name} has heard of all lives of n3`, async () => {
        const all = (await listed(cluster.node(name), '?past=true')).filter(
          (life) => life.name === 'n3@test',
        );
        return all.length === 4 && all;
      });
      expect(lives.map(({ status }) => status)).toEqual(['down', 'left', 'down', 'up']);
      expect(new Set(lives.map(({ incarnation }) => incarnation)).size).toBe(4);
      expect(lives.filter(({ startedAt, upSince }) => upSince < startedAt)).toEqual([]);
    }
  } finally {
    await cluster.stop();
  }
});

interface Life {
  readonly name: string;
  readonly incarnation: string;
  readonly status: string;
  readonly startedAt: number;
  readonly upSince: number;
}

async function listed(node: DemoNode, query = ''): Promise<readonly Life[]> {
  return (await (await call(node, 'GET', `/nodes${query}`)).json()) as readonly Life[];
}
