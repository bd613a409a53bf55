/**
 * The life of this node inside a Nest application, and the owner of everything that must be closed.
 *
 * N1: membership starts in `onApplicationBootstrap`, and nobody waits for peers unless `waitForQuorum` asks for it. N2:
 * leadership is handed over in `onModuleDestroy`; links stay until `onApplicationShutdown`, where the node leaves. No signal
 * handlers, no exit. N6: a start that fails, or is cut short, leaves nothing running and nobody waiting.
 */
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Incarnation, NodeInfo } from '@nest-cluster/protocol';
import {
  createQuorumLeadership,
  type createControlPlane,
  type createDataPlane,
  type DataPlane,
} from '../engine/index.js';
import { parseContactPoint } from '../ports/contact-point.js';
import type { ClusterStrategy } from '../ports/cluster-strategy.js';
import type { ClusterView, ControlPlane } from '../ports/control-plane.js';
import type { LeaderView, LeadershipProvider } from '../ports/leadership-provider.js';
import { announce } from './announcement.js';
import type { Cluster } from './cluster.js';
import type { ClusterDiscovery } from './cluster-discovery.js';
import type { ClusterEvents } from './cluster-events.js';
import type { ClusterLeadership } from './cluster-leadership.js';
import type { ClusterStore } from './cluster-store.js';
import type { ConflictResolver } from './conflict-resolver.js';
import { HandlerExplorer } from './handler.explorer.js';
import { HooksReminder } from './hooks-reminder.js';
import { isPresent } from './lives.js';
import { NodeReporter } from './node-reporter.js';
import { OtherApplications } from './other-applications.js';
import { dataPlaneConfig, planeConfig } from './plane-config.js';
import { quorumReached } from './quorum-wait.js';
import { unusedOptions } from './read-leadership-provider.js';
import { isDefinition } from './read-strategy.js';
import type { ResolvedOptions } from './resolve-options.js';
import { Shutdown } from './shutdown.js';
import { Solitude } from './solitude.js';
import { readFacts } from './strategy-facts.js';
import { StoreReporter } from './store-reporter.js';
import { StoreSettling } from './store-settling.js';
import { StoreSubscriptions } from './store-subscriptions.js';
import {
  CREATE_CONTROL_PLANE,
  CREATE_DATA_PLANE,
  OWN_CLUSTER,
  OWN_DISCOVERY,
  OWN_EVENTS,
  OWN_LEADERSHIP,
  OWN_STORE,
  RESOLVED_OPTIONS,
} from './tokens.js';
import { messageOf } from './within.js';

@Injectable()
export class ClusterRuntime implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger('Cluster');
  private plane: ControlPlane | undefined;
  private data: DataPlane | undefined;
  private storeReporter: StoreReporter | undefined;
  private settling: StoreSettling | undefined;
  private strategy: ClusterStrategy | undefined;
  private provider: LeadershipProvider | undefined;
  private isMember = false;
  private readonly hooks: HooksReminder;
  private readonly solitude = new Solitude(this.logger);
  private readonly shutdown = new Shutdown();
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(CREATE_CONTROL_PLANE) private readonly createPlane: typeof createControlPlane,
    @Inject(CREATE_DATA_PLANE) private readonly createData: typeof createDataPlane,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(HandlerExplorer) private readonly explorer: HandlerExplorer,
    @Inject(OWN_CLUSTER) private readonly cluster: Cluster,
    @Inject(OWN_EVENTS) private readonly events: ClusterEvents,
    @Inject(OWN_LEADERSHIP) private readonly leadership: ClusterLeadership,
    @Inject(OWN_DISCOVERY) private readonly discovery: ClusterDiscovery,
    @Inject(OWN_STORE) private readonly store: ClusterStore,
    @Inject(StoreSubscriptions) private readonly subscriptions: StoreSubscriptions,
  ) {
    this.hooks = new HooksReminder(this.logger, options.leadership.leaseMs);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.explorer.explore();
    if (this.explorer.isUsed) this.hooks.start();
    this.starting = this.start();
    try {
      await this.starting;
    } catch (error) {
      if (this.shutdown.hasBegun) return this.shutdown.cutShort();
      await this.close();
      throw error;
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.retire();
    await this.handOver();
  }

  async onApplicationShutdown(signal?: string): Promise<void> {
    await this.close();
    this.shutdown.end(signal);
  }

  /** Open requests wait as well, and Nest waits for those: nothing waits from now on (N6). */
  private retire(): void {
    this.shutdown.begin();
    this.hooks.stop();
    this.solitude.stop();
    this.store.retire();
  }

  private async start(): Promise<void> {
    const { options, shutdown } = this;
    shutdown.check();
    const strategy = await shutdown.orStop(this.makeStrategy());
    this.explorer.include(strategy);
    const facts = readFacts(strategy);
    for (const complaint of facts.complaints) this.logger.warn(`strategy ${strategy.name}: ${complaint}`);
    const resolver = await shutdown.orStop(this.makeResolver());
    if (resolver !== undefined) this.explorer.include(resolver);
    const data = this.createData(dataPlaneConfig(options, facts, resolver));
    this.data = data;
    // Waited for, whatever happens: what is half bound cannot be closed.
    const dataPort = await data.listen();
    shutdown.check();
    const plane = this.createPlane(planeConfig(options, facts, dataPort));
    const quorum = createQuorumLeadership(plane);
    const reporter = new NodeReporter(
      this.events,
      () => plane.view(),
      () => this.cluster.state,
    );
    this.plane = plane;
    this.strategy = strategy;
    this.provider = options.leadershipProvider ?? quorum;
    for (const unused of unusedOptions(this.provider, options.leadershipGiven)) this.logger.warn(unused);
    this.storeReporter = new StoreReporter({
      events: this.events,
      subscriptions: this.subscriptions,
      store: this.store,
      provider: data,
      stateMayHaveChanged: () => {
        if (this.closing === undefined) reporter.reviewState();
      },
      rejected: (reason, detail, count) => reporter.rejected(reason, detail, count),
    });
    this.leadership.leaderKnown = (leader) => tellLeader(data, leader);
    this.settling = new StoreSettling(() => plane.view(), data);
    const self = await shutdown.orStop(plane.listen());
    announce(this.logger, options, self, strategy.name);
    const isNamed = options.name !== undefined || facts.name !== undefined;
    const others = new OtherApplications(this.logger, options.cluster, isNamed ? undefined : self.name);
    this.cluster.attach({
      plane,
      isStoreInSync: () => this.isStoreInSync(plane.view()),
      isMember: () => this.isMember && !shutdown.hasBegun,
      leave: () => this.leave(),
      rejoin: () => this.rejoin(),
    });
    this.store.attach(data);
    const entered = this.enter(self);
    plane.start({
      viewed: (view) => {
        count(data, view);
        this.settling?.look();
      },
      event: (event) => {
        data.event(event);
        if (event.type === 'nodeUp' && event.node.incarnation !== plane.view().self.incarnation)
          others.met(event.node.name);
        // A node that shuts down loses sight of the others; they did not go.
        if (this.closing === undefined) reporter.report(event);
        quorum.event(event);
      },
      rejected: (reason, detail, count) => reporter.rejected(reason, detail, count),
      restarted: (_born, cause) => void this.restarted(cause),
    });
    await shutdown.orStop(entered);
    await quorumReached(this.cluster, this.events, options.waitForQuorum, shutdown);
    shutdown.check();
  }

  /** Leadership and discovery begin for this incarnation. */
  private async enter(self: NodeInfo): Promise<void> {
    const { plane, strategy, provider, options } = this;
    if (plane === undefined || strategy === undefined || provider === undefined) return;
    this.shutdown.check();
    this.isMember = true;
    this.beginStore(self);
    const { name, incarnation } = self;
    const { host, port } = parseContactPoint(self.address) ?? { host: options.bind, port: 0 };
    const { cluster, security } = options;
    const secrets = security.kind === 'psk' ? security.secrets : [];
    const loopbackOnly = security.kind === 'plain' && !options.insecure;
    this.discovery.start({
      strategy,
      context: { cluster, secrets, loopbackOnly, self: { name, incarnation, host, port } },
      intervalMs: options.discoveryIntervalMs,
      timeoutMs: options.discoveryTimeoutMs,
      found: (contacts) => {
        plane.contacts(contacts);
        this.settling?.answered();
      },
      isComplete: () => plane.view().state === 'green',
    });
    this.solitude.watch({
      address: self.address,
      strategy: strategy.name,
      size: options.size,
      hasCompany: () => this.cluster.nodes.length > 1,
      found: () => this.discovery.contactPoints,
      counters: () => plane.counters(),
    });
    const { priority, leadership } = options;
    await this.leadership.start(provider, {
      cluster,
      name,
      incarnation,
      priority,
      candidate: leadership.candidate,
      rank: (but) => rankOf(plane.view(), priority, but),
    });
  }

  /** D4: contact ends first, so that nobody is found anew while this node goes. */
  private async withdraw(): Promise<void> {
    this.isMember = false;
    this.settling?.stop();
    await this.attempt('stop discovery', () => this.discovery.stop());
    await this.attempt('stop leadership', () => this.leadership.stop());
  }

  private async leave(): Promise<void> {
    if (!this.isMember) return;
    await this.handOver();
    await this.withdraw();
    await this.plane?.leave();
    this.data?.stop('this node left the cluster');
    this.logger.log('this node left the cluster');
  }

  /** This node votes until it leaves, so that it waits for the next leader first (L6). */
  private async handOver(): Promise<void> {
    await this.leadership.retire(this.options.shutdownTimeoutMs);
    if (this.cluster.size.current > 1) await this.leadership.successorKnown();
  }

  private async rejoin(): Promise<void> {
    if (this.isMember || this.plane === undefined) return;
    this.shutdown.check();
    await this.enter(await this.plane.rejoin());
    this.logger.log('this node is back in the cluster');
  }

  private async restarted(cause: Error): Promise<void> {
    this.logger.error(
      `the control plane failed and was replaced; this node joins anew: ${cause.message}`,
      cause.stack,
    );
    if (!this.isMember) return;
    await this.withdraw();
    const { plane } = this;
    if (plane === undefined || this.shutdown.hasBegun) return;
    // It may have been replaced once more meanwhile.
    await this.attempt('join anew', () => this.enter(plane.view().self));
  }

  private close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    this.retire();
    await this.starting?.catch(() => undefined);
    const { plane, data } = this;
    await this.withdraw();
    await this.attempt('say goodbye', async () => plane?.leave());
    await this.attempt('close its store', async () => data?.close());
    await this.attempt('close its links', async () => plane?.close());
    this.cluster.attach(undefined);
    this.store.attach(undefined);
    this.subscriptions.close();
    this.events.close();
  }

  /** Closing goes on, whatever one step of it does. */
  private async attempt(what: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.logger.warn(`this node could not ${what}: ${messageOf(error)}`);
    }
  }

  /** The store begins for this incarnation, and copies what is there. */
  private beginStore(self: NodeInfo): void {
    const { plane, data, storeReporter } = this;
    if (plane === undefined || data === undefined || storeReporter === undefined) return;
    data.start(self, storeReporter);
    count(data, plane.view());
    tellLeader(data, this.leadership.leader);
    this.settling?.start(this.options.discoveryTimeoutMs);
  }

  /** A silent link looks open for many minutes; whoever is heard through others only is not replicated with. */
  private isStoreInSync({ self, members }: ClusterView): boolean {
    const { data, storeReporter } = this;
    if (data === undefined || !data.isReady || data.isLagging) return false;
    return members.every(
      ({ node, status, seen }) =>
        node.incarnation === self.incarnation ||
        node.dataPort === 0 ||
        !isPresent({ status }) ||
        (seen && storeReporter?.isConnected(node.incarnation) === true),
    );
  }

  private async makeResolver(): Promise<ConflictResolver | undefined> {
    const { storeResolver } = this.options;
    return typeof storeResolver === 'function' ? this.moduleRef.create(storeResolver) : storeResolver;
  }

  private async makeStrategy(): Promise<ClusterStrategy> {
    const { strategy, env } = this.options;
    if (typeof strategy === 'function') return this.moduleRef.create(strategy);
    return isDefinition(strategy) ? strategy.create(env) : strategy;
  }
}

function tellLeader(data: DataPlane, leader: LeaderView | null): void {
  data.leads(leader?.incarnation as Incarnation | undefined, leader?.token ?? 0);
}

/** How many that are up and well go before a node of this priority (L7). */
function rankOf({ members }: ClusterView, priority: number, but?: string): number {
  return members.filter(
    ({ node, status }) => status === 'up' && node.priority > priority && node.incarnation !== but,
  ).length;
}

function count(data: DataPlane, { quorum, members }: ClusterView): void {
  const present = members.filter(isPresent);
  data.counted(
    quorum,
    present.map(({ node }) => node),
  );
}
