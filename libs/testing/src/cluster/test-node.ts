/**
 * One node of a test's cluster: an application context that can be stopped, and started again as a new process would be.
 */
import { Cluster, ClusterLeadership, ClusterStore } from '@nest-cluster/core';
import type { INestApplicationContext, Type } from '@nestjs/common';

export class TestNode {
  private context: INestApplicationContext | undefined;

  constructor(
    readonly name: string,
    /** Its host in the network in memory. */
    readonly host: string,
    private readonly open: () => Promise<INestApplicationContext>,
  ) {}

  get isRunning(): boolean {
    return this.context !== undefined;
  }

  /** The node's application. Throws while it is stopped. */
  get app(): INestApplicationContext {
    if (!this.context) throw new Error(`${this.name} is stopped`);
    return this.context;
  }

  /** A provider of this node's application. */
  get<T>(token: Type<T> | string | symbol): T {
    return this.app.get<T>(token, { strict: false });
  }

  get cluster(): Cluster {
    return this.get(Cluster);
  }

  get leadership(): ClusterLeadership {
    return this.get(ClusterLeadership);
  }

  get store(): ClusterStore {
    return this.get(ClusterStore);
  }

  get isLeader(): boolean {
    return this.isRunning && this.leadership.isLeader();
  }

  /** Name of the node that this one believes to lead. */
  get seenLeader(): string | undefined {
    return this.leadership.leader?.name;
  }

  /** Names of the nodes that this one sees up, in order. */
  get seenUp(): readonly string[] {
    const up = this.cluster.nodes.filter(({ status }) => status === 'up');
    return up.map(({ name }) => name).sort();
  }

  /** Starts the application anew; to the others it is a new process of the same name. */
  async start(): Promise<void> {
    this.context ??= await this.open();
  }

  /** Shuts the application down; the others see it leave. */
  async stop(): Promise<void> {
    const { context } = this;
    this.context = undefined;
    await context?.close();
  }
}
