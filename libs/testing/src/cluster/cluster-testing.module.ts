/**
 * Several nodes of an application in one process, for an application's own tests: real modules, handlers and leadership over a
 * network in memory that a test can cut. No sockets, no worker threads, and lease and probe times that suit a test.
 */
import { MemoryNetwork, type ClusterOptions } from '@nest-cluster/core';
import { eventually } from './eventually.js';
import { forTests } from './isolated-cluster.js';
import { openNode, type Logging, type OfApplication, type OfModules } from './open-node.js';
import { TestNode } from './test-node.js';

/** What runs on the nodes, and how many there are. */
export type ClusterTestingOptions = (OfModules | OfApplication) & NodesOptions;

export interface NodesOptions {
  /** Names of the nodes, or how many of them: `node-1`, `node-2`, … Default 3. */
  readonly nodes?: number | readonly string[];
  /** Options of every node. `size` is the number of nodes unless it says otherwise; leases last 500 ms. */
  readonly options?: ClusterOptions;
  /** Nest's logger for all nodes; none by default. */
  readonly logger?: Logging;
}

const PORT = 20_001;

export class ClusterTestingModule {
  private readonly network = new MemoryNetwork();
  private readonly byName = new Map<string, TestNode>();

  private constructor(private readonly options: ClusterTestingOptions) {}

  /** Starts every node, and resolves when all of them see each other and one of them leads. */
  static async start(options: ClusterTestingOptions): Promise<ClusterTestingModule> {
    const cluster = new ClusterTestingModule(options);
    const { nodes = 3 } = options;
    const names =
      typeof nodes === 'number' ? Array.from({ length: nodes }, (_, index) => `node-${index + 1}`) : nodes;
    names.forEach((name, index) => cluster.byName.set(name, cluster.create(name, `127.0.0.${index + 1}`)));
    try {
      await Promise.all(cluster.nodes.map((node) => node.start()));
      await cluster.settled();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  get nodes(): readonly TestNode[] {
    return [...this.byName.values()];
  }

  node(name: string): TestNode {
    const node = this.byName.get(name);
    if (!node) throw new Error(`there is no node ${name}, only ${[...this.byName.keys()].join(', ')}`);
    return node;
  }

  /** The node whose `isLeader()` is true now, if there is one. */
  get leader(): TestNode | undefined {
    return this.nodes.find((node) => node.isLeader);
  }

  /** Resolves when all running nodes see each other up, and the same one of them as leader. */
  settled(timeoutMs?: number): Promise<void> {
    return eventually('the cluster has settled', () => this.isSettled(), timeoutMs);
  }

  /**
   * Cuts the network: nodes of different groups hear nothing of each other from now on. Links stay open and nobody is
   * told, as when a cable is pulled. Nodes that are in no group stay in touch with all.
   */
  split(...groups: readonly (readonly string[])[]): void {
    groups.forEach((group, index) => {
      for (const other of groups.slice(index + 1).flat()) {
        for (const name of group) this.network.cut(this.node(name).host, this.node(other).host);
      }
    });
  }

  /** Mends every cut. */
  heal(): void {
    this.network.mend();
  }

  /** Closes every node that runs. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  private create(name: string, host: string): TestNode {
    const { options = {}, logger = false } = this.options;
    const hosts = () => [...this.byName.values()].map((node) => `${node.host}:${PORT}`);
    const size =
      typeof this.options.nodes === 'number' ? this.options.nodes : (this.options.nodes?.length ?? 3);
    const decided: ClusterOptions = {
      size,
      ...forTests(options),
      strategy: options.strategy ?? { name: 'test', discover: () => Promise.resolve(hosts()) },
      name,
      port: PORT,
      bind: host,
      transport: this.network.transport,
    };
    return new TestNode(name, host, () => openNode(this.options, name, decided, logger));
  }

  private isSettled(): boolean {
    const running = this.nodes.filter((node) => node.isRunning);
    const leaders = new Set(running.map((node) => node.seenLeader));
    const [leader] = leaders;
    const names = running.map(({ name }) => name).sort();
    const seesAll = (node: TestNode) => node.seenUp.join() === names.join();
    return leaders.size === 1 && leader !== undefined && names.includes(leader) && running.every(seesAll);
  }
}
