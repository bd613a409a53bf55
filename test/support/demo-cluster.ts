/**
 * Some demo processes that find each other by gossip on loopback, and whatever a test wants to wait for in them.
 */
import { randomBytes } from 'node:crypto';
import { DemoNode, type DemoEvent } from './demo-node.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

export class DemoCluster {
  readonly nodes = new Map<string, DemoNode>();

  private constructor(readonly env: Readonly<Record<string, string>>) {}

  /** Environment for nodes that find each other, and nobody else, on this machine. */
  static async environment(
    size: number,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, string>> {
    return {
      CLUSTER_STRATEGY: 'gossip',
      CLUSTER_NAME: `test-${randomBytes(4).toString('hex')}`,
      CLUSTER_SECRET: randomBytes(16).toString('hex'),
      CLUSTER_BIND: '127.0.0.1',
      CLUSTER_GOSSIP_INTERFACE: '127.0.0.1',
      CLUSTER_GOSSIP_PORT: String(await freePort()),
      CLUSTER_SIZE: String(size),
      ...more,
    };
  }

  /** No node yet. */
  static of(env: Readonly<Record<string, string>>): DemoCluster {
    return new DemoCluster(env);
  }

  static async start(size: number, more: Readonly<Record<string, string>> = {}): Promise<DemoCluster> {
    const cluster = new DemoCluster(await DemoCluster.environment(size, more));
    for (let index = 1; index <= size; index++) cluster.add(`n${index}@test`);
    await cluster.settled();
    return cluster;
  }

  add(
    name: string,
    more: Readonly<Record<string, string>> = {},
    ...start: [main?: string, via?: readonly string[]]
  ): DemoNode {
    const node = DemoNode.start(name, { ...this.env, ...more }, ...start);
    this.nodes.set(name, node);
    return node;
  }

  node(name: string): DemoNode {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`no node ${name}`);
    return node;
  }

  others(node: DemoNode): DemoNode[] {
    return [...this.nodes.values()].filter((other) => other !== node && other.isRunning);
  }

  /** All running nodes are green or as given, and agree on one leader. */
  async settled(state = 'green', patienceMs?: number): Promise<DemoNode> {
    const running = [...this.nodes.values()].filter((node) => node.isRunning);
    await Promise.all(running.map((node) => node.listening()));
    const leader = await until(
      `all are ${state} with one leader`,
      async () => {
        const all = await Promise.all(running.map((node) => node.status()));
        const leaders = new Set(all.map((status) => status.leader?.node));
        const [first] = leaders;
        return leaders.size === 1 && first && all.every((status) => status.state === state)
          ? first
          : undefined;
      },
      patienceMs,
    );
    return this.node(leader);
  }

  /** The first event at or after `since` that `matches`, as that node's handlers got it. */
  async event(
    node: DemoNode,
    since: number,
    what: string,
    matches: (event: DemoEvent) => boolean,
  ): Promise<DemoEvent> {
    return until(`${node.name} hears ${what}`, async () =>
      (await node.events()).find((event) => event.at >= since && matches(event)),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.end('SIGKILL')));
  }
}
