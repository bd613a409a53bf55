/**
 * This node's own view, for itself and for whoever asks.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  Cluster,
  ClusterLeadership,
  ClusterStore,
  monotonicMs,
  type ControlPlaneCounters,
} from '@nest-cluster/core';
import { NodeLine } from './node-line.js';
import type { LinkTraffic, NodeView } from './node-view.js';

/** However often somebody looks, the control plane is asked to count no more often than this, in milliseconds. */
const COUNTED_MS = 250;

@Injectable()
export class OwnView {
  private counted: Promise<ControlPlaneCounters | undefined> | undefined;
  private countedAt = -Infinity;

  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership,
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(NodeLine) line: NodeLine,
  ) {
    line.on('view', () => this.view());
    line.on('traffic', () => this.traffic());
  }

  async view(): Promise<NodeView> {
    const { cluster, store } = this;
    const counters = await this.counters();
    const isHeard = cluster.nodes.filter(({ seen, self, status }) => self || (seen && status !== 'down'));
    return {
      state: cluster.state,
      size: cluster.size,
      leader: this.leader(),
      sees: isHeard.map(({ name }) => name),
      store: { ready: store.ready, size: store.size },
      traffic: { bytesIn: counters?.transport.bytesIn ?? 0, bytesOut: counters?.transport.bytesOut ?? 0 },
    };
  }

  leader(): NodeView['leader'] {
    const { leader, guarantee } = this.leadership;
    return leader && { node: leader.name, token: leader.token, guarantee };
  }

  /** Per link. */
  async traffic(): Promise<readonly LinkTraffic[]> {
    const names = new Map<string, string>(this.cluster.nodes.map((node) => [node.incarnation, node.name]));
    const links = (await this.counters())?.transport.links ?? [];
    return links.flatMap(({ incarnation, bytesIn, bytesOut }) => {
      const node = names.get(incarnation);
      return node === undefined ? [] : [{ node, bytesIn, bytesOut }];
    });
  }

  private counters(): Promise<ControlPlaneCounters | undefined> {
    const now = monotonicMs();
    if (this.counted === undefined || now - this.countedAt >= COUNTED_MS) {
      this.countedAt = now;
      this.counted = this.cluster.counters().catch(() => undefined);
    }
    return this.counted;
  }
}
