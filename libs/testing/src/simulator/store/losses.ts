/**
 * When a majority of the voters was lost at one time. What a quorum had confirmed before may be gone from then on (S2). A
 * process that was restarted is lost until its store is ready again. One that becomes ready while it cannot reach the
 * others knows what its side has: for it, those that are out of reach are lost, too.
 */
import type { ReplicaNews } from '@nest-cluster/core';
import type { NodeInfo } from '@nest-cluster/protocol';
import { nameOf, quorumOf } from '../settings.js';
import type { StoreFleet } from './fleet.js';
import type { StoreChecker } from './store-checker.js';
import type { StoreNode } from './store-node.js';

export class Losses implements StoreChecker {
  /** Raised with each such loss. */
  epoch = 0;
  private readonly voters: readonly string[];

  constructor(private readonly fleet: StoreFleet) {
    const { voters, nodes } = fleet.world.settings;
    this.voters = voters ?? Array.from({ length: nodes }, (_, index) => nameOf(index));
  }

  get quorum(): number {
    return quorumOf(this.fleet.world.settings);
  }

  hasVote({ name }: NodeInfo): boolean {
    return this.voters.includes(name);
  }

  /** Whether so many of these nodes have a vote that they are a quorum. */
  isQuorum(nodes: readonly StoreNode[]): boolean {
    return nodes.filter(({ info }) => this.hasVote(info)).length >= this.quorum;
  }

  started(): void {
    this.count();
  }

  ended(): void {
    this.count();
  }

  told(node: StoreNode, news: ReplicaNews): void {
    if (news.type !== 'ready') return;
    const reached = this.fleet.living.filter(
      ({ info, ready }) => ready && node.connected.has(info.incarnation),
    );
    const names = new Set<string>(reached.map(({ info }) => info.name));
    const lost = this.voters.filter((name) => !names.has(name)).length;
    if (lost >= this.quorum) this.epoch++;
  }

  private count(): void {
    const ready = new Set<string>(
      this.fleet.living.filter((node) => node.ready).map(({ info }) => info.name),
    );
    const lost = this.voters.filter((name) => !ready.has(name)).length;
    if (lost >= this.quorum) this.epoch++;
  }
}
