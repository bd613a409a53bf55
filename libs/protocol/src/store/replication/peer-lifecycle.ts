/**
 * What membership and links tell of peers. A node that failed is kept in mind: it may come back from the other side of a
 * partition (P1).
 */
import type { Incarnation, NodeInfo } from '../../node.js';
import type { Core } from '../core.js';
import type { Partitions } from '../partitions/partitions.js';
import { isPresent, type Link, type Peer } from './peers.js';

/** Failed nodes that are kept in mind; beyond, the oldest are forgotten. */
const FAILED_MAX = 1_024;

export class PeerLifecycle {
  constructor(
    private readonly core: Core,
    private readonly partitions: Partitions,
    /** Whatever runs with the peer ends. */
    private readonly ended: (peer: Peer) => void,
  ) {}

  up(node: NodeInfo): void {
    const { core } = this;
    this.replaceFormer(node);
    // It has no data plane, so that it keeps no store.
    if (node.dataPort === 0) return;
    const peer = core.peers.of(node, core.counter);
    if (peer.presence !== 'up') peer.since = core.counter;
    peer.presence = 'up';
    if (peer.link === 'shut') peer.link = 'open';
    core.refresh(peer);
    core.acks.review();
  }

  down(node: NodeInfo, left: boolean): void {
    const peer = this.core.peers.get(node.incarnation);
    if (peer === undefined) return;
    if (left) return this.remove(peer);
    peer.presence = 'failed';
    this.partitions.separate(node.incarnation);
    this.unlink(peer, peer.link === 'none' ? 'none' : 'shut');
    this.core.acks.review();
    this.forgetFailed();
  }

  opened(node: NodeInfo): void {
    const { core } = this;
    const peer = core.peers.of(node, core.counter);
    peer.link = 'open';
    peer.inbox.reset();
    peer.lateAt = undefined;
    core.relate(peer, 'unlinked');
  }

  closed(incarnation: Incarnation): void {
    const peer = this.core.peers.get(incarnation);
    if (peer === undefined) return;
    this.unlink(peer);
    if (peer.presence === 'unknown') this.core.peers.forget(peer);
    this.core.acks.review();
  }

  congested(incarnation: Incarnation): void {
    const peer = this.core.peers.get(incarnation);
    if (peer?.link !== 'open') return;
    peer.link = 'congested';
    this.core.refresh(peer);
  }

  drained(incarnation: Incarnation): Peer | undefined {
    const peer = this.core.peers.get(incarnation);
    if (peer?.link !== 'congested') return undefined;
    peer.link = 'open';
    this.core.refresh(peer);
    return peer;
  }

  private unlink(peer: Peer, link: Link = 'none'): void {
    peer.link = link;
    peer.inbox.reset();
    this.core.relate(peer, 'unlinked');
    this.ended(peer);
  }

  /** A process that came back under its name has ended before. */
  private replaceFormer(node: NodeInfo): void {
    const former = this.core.peers.where(
      (peer) =>
        peer.node.name === node.name && peer.node.incarnation !== node.incarnation && !isPresent(peer),
    );
    for (const peer of former) this.remove(peer);
  }

  private remove(peer: Peer): void {
    this.unlink(peer);
    this.partitions.forget(peer);
    this.core.peers.forget(peer);
    this.core.acks.review();
  }

  private forgetFailed(): void {
    const failed = this.core.peers.where(({ presence }) => presence === 'failed');
    for (const peer of failed.slice(0, Math.max(0, failed.length - FAILED_MAX))) this.remove(peer);
  }
}
