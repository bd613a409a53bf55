/**
 * The whole cluster in one answer: what this node knows, and how every node sees it.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  Cluster,
  ClusterEvents,
  ClusterStore,
  RESOLVED_OPTIONS,
  wallMs,
  type ClusterNode,
  type ClusterState,
  type ResolvedOptions,
} from '@nest-cluster/core';
import { PartitionBook, type PartitionAnswer } from '../store/partition-book.js';
import type { NodeView } from './node-view.js';
import { OwnView } from './own-view.js';
import { ViewBook, type NotedView } from './view-book.js';

export interface NodeAnswer extends Omit<ClusterNode, 'seen'> {
  /** Names of the nodes that it hears directly, as it says itself. */
  readonly sees: readonly string[];
  /** What else it says itself, and when; null when it did not answer yet. */
  readonly view: Omit<NotedView, 'sees'> | null;
}

export interface ClusterAnswer {
  readonly cluster: string;
  readonly self: string;
  readonly state: ClusterState;
  readonly recovery: ResolvedOptions['recovery'];
  /** This node has started, has not left and is not shutting down. */
  readonly member: boolean;
  readonly size: { readonly expected: number; readonly current: number };
  readonly quorum: number;
  readonly leader: NodeView['leader'];
  /** Since when state and leader are what they are, by this node's wall clock in milliseconds; its start at the earliest. */
  readonly since: { readonly state: number; readonly leader: number };
  readonly nodes: readonly NodeAnswer[];
  readonly store: {
    readonly ready: boolean;
    readonly size: number;
    readonly replicas: { readonly all: number; readonly inSync: number };
    readonly conflicts: number;
    readonly subscriptions: number;
  };
  readonly partitions: readonly PartitionAnswer[];
}

@Injectable()
export class ClusterReport {
  private readonly since = { state: wallMs(), leader: wallMs() };

  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(OwnView) private readonly own: OwnView,
    @Inject(ViewBook) private readonly book: ViewBook,
    @Inject(PartitionBook) private readonly partitions: PartitionBook,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(ClusterEvents) events: ClusterEvents,
  ) {
    events.subscribe('stateChanged', ({ at }) => void (this.since.state = at), 'the management report');
    events.subscribe('leaderChanged', ({ at }) => void (this.since.leader = at), 'the management report');
  }

  async whole(): Promise<ClusterAnswer> {
    const nodes = await this.nodes();
    const { cluster, store } = this;
    const { ready, size, replicas, conflicts, subscriptions, recovery } = store.status;
    return {
      cluster: this.options.cluster,
      self: cluster.self.name,
      state: cluster.state,
      recovery,
      member: cluster.isMember,
      size: cluster.size,
      quorum: cluster.quorum,
      leader: this.own.leader(),
      since: { ...this.since },
      nodes,
      store: { ready, size, replicas, conflicts, subscriptions },
      partitions: this.partitions.list(),
    };
  }

  async nodes(): Promise<readonly NodeAnswer[]> {
    const views = await this.book.latest();
    return this.cluster.nodes.map((node) => describe(node, views.get(node.incarnation)));
  }

  /** Past lives too, each before the one that its name has now (M8). */
  async lives(): Promise<readonly NodeAnswer[]> {
    const nodes = await this.nodes();
    const past = this.cluster.pastNodes.map((node) => describe(node, undefined));
    return [...past, ...nodes].sort((one, other) => compareTexts(one.name, other.name));
  }
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function describe(node: ClusterNode, noted: NotedView | undefined): NodeAnswer {
  const { name, incarnation, address, status, self, leader, startedAt, upSince, voteSilent } = node;
  const known = { name, incarnation, address, status, self, leader, startedAt, upSince, voteSilent };
  const isPresent = status !== 'down' && status !== 'left';
  if (noted === undefined || !isPresent) return { ...known, sees: [], view: null };
  const { sees, ...view } = noted;
  return { ...known, sees, view };
}
