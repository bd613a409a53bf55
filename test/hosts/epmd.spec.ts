/**
 * Several hosts, each with a port mapper of its own that a node of ours is: `epmd` with a list of hosts, and with the names of all
 * nodes, which are then the voters (D1, D2, L5).
 */
import { randomBytes } from 'node:crypto';
import { Lan, type HostNode } from '../support/lan.js';

const HOSTS = ['10.77.0.1', '10.77.0.2', '10.77.0.3'];
const NAMES = HOSTS.map((host) => `shop@${host}`);

const green = (nodes: readonly HostNode[], since: number): Promise<unknown> =>
  Promise.all(
    nodes.map((node) =>
      node.hears(
        'that all is green',
        since,
        ({ type, state }) => type === 'stateChanged' && state === 'green',
      ),
    ),
  );

it.each([
  ['hosts', { CLUSTER_EPMD_HOSTS: HOSTS.join(), CLUSTER_SIZE: '3' }],
  ['the names of all nodes', { CLUSTER_EPMD_HOSTS: NAMES.join() }],
])(
  'nodes of several hosts find each other by a list of %s, and again when one is back',
  async (_what, list) => {
    const lan = new Lan(3);
    try {
      const env = { ...list, CLUSTER_STRATEGY: 'epmd', CLUSTER_SECRET: randomBytes(16).toString('hex') };
      const start = (index: number): HostNode => lan.start(index + 1, NAMES[index] ?? '', env);
      const since = Date.now();
      const nodes = HOSTS.map((_host, index) => start(index));
      await green(nodes, since);
      const [first, ...others] = nodes;
      const leader = await first?.hears(
        'who leads',
        since,
        ({ type, node }) => type === 'leaderChanged' && node !== null,
      );
      expect(NAMES).toContain(leader?.node);

      const killedAt = Date.now();
      await first?.end();
      for (const node of others) {
        const down = await node.hears('of the end', killedAt, ({ type }) => type === 'nodeDown');
        expect([down.node, down.reason]).toEqual([NAMES[0], 'failed']);
      }
      const backAt = Date.now();
      const back = start(0);
      await green([back, ...others], backAt);
    } finally {
      await lan.close();
    }
  },
  60_000,
);
