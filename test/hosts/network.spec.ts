/**
 * Several hosts with a network between them that can be cut: gossip with its defaults, silence, and finding together again.
 */
import { randomBytes } from 'node:crypto';
import { Lan, type HostNode } from '../support/lan.js';
import { withRoom } from '../support/until.js';

const GREEN_FIRST_MS = 10_000;

function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    CLUSTER_NAME: 'hosts',
    CLUSTER_SECRET: randomBytes(16).toString('hex'),
    CLUSTER_SIZE: '3',
    CLUSTER_DISCOVERY_INTERVAL_MS: '1000',
    ...more,
  };
}

async function green(nodes: readonly HostNode[], since: number): Promise<void> {
  await Promise.all(
    nodes.map((node) =>
      node.hears(
        'that all is green',
        since,
        ({ type, state }) => type === 'stateChanged' && state === 'green',
      ),
    ),
  );
}

describe.each([
  ['multicast with its defaults', {}],
  ['broadcast only', { CLUSTER_GOSSIP_BROADCAST_ONLY: 'true' }],
  ['one chosen interface', { CLUSTER_GOSSIP_INTERFACE: 'eth0' }],
])('three hosts that find each other by %s', (_how, more) => {
  let lan: Lan;
  let nodes: HostNode[];

  beforeAll(async () => {
    lan = new Lan(3);
    const env = environment(more);
    const since = Date.now();
    nodes = [1, 2, 3].map((host) => lan.start(host, `n${host}@host`, env));
    await green(nodes, since);
    expect(Date.now() - since).toBeLessThan(withRoom(GREEN_FIRST_MS));
  }, 60_000);

  afterAll(() => lan.close());

  it('M3, D2, P1: a host whose cable is pulled is down within 5 s, and back soon after it is plugged in', async () => {
    const [first, second, third] = nodes as [HostNode, HostNode, HostNode];
    const since = Date.now();
    lan.unplug(3);
    for (const node of [first, second]) {
      const down = await node.hears(
        'n3 down',
        since,
        ({ type, node: about }) => type === 'nodeDown' && about === 'n3@host',
      );
      expect(down.reason).toBe('failed');
      expect(down.at - since).toBeLessThanOrEqual(withRoom(5_000));
    }
    await third.hears(
      'that it is alone',
      since,
      ({ type, state }) => type === 'stateChanged' && state === 'red',
    );
    const plugged = Date.now();
    lan.plug(3);
    await green(nodes, plugged);
    for (const node of nodes) {
      await node.hears('of the partition', plugged, ({ type }) => type === 'partitionDetected');
    }
  }, 60_000);
});
