/**
 * Who is there, as membership and links tell, and who is waited for no longer (S4). A node that failed is kept in mind: it
 * may come back from the other side of a partition (P1).
 */
import type { Incarnation, NodeInfo } from '../node.js';
import type { Core } from './core.js';
import { present, type Peer } from './peers.js';
import type { Partitions } from './partitions.js';

export class Roster {
  constructor(
    private readonly core: Core,
    private readonly partitions: Partitions,
    /** Whatever runs with the peer ends. */
    private readonly ended: (peer: Peer) => void,
  ) {}

  up(node: NodeInfo): void {
    const { core } = this;
    this.replaceFormer(node);
    // It keeps no store, so that nobody waits for it.
    if (node.dataPort === 0) return;
    const peer = core.peers.of(node, core.counter);
    if (!peer.up) peer.since = core.counter;
    peer.up = true;
    peer.gone = false;
    peer.failedAt = undefined;
    peer.linked = peer.open;
    core.refresh(peer);
    core.acks.review();
  }

  down(node: NodeInfo, left: boolean): void {
    const peer = this.core.peers.get(node.incarnation);
    if (peer === undefined) return;
    peer.up = false;
    if (left) return this.remove(peer);
    peer.failedAt = this.core.now.mono;
    this.partitions.separate(node.incarnation);
    this.unlink(peer);
    this.core.acks.review();
  }

  opened(node: NodeInfo): void {
    const { core } = this;
    const peer = core.peers.of(node, core.counter);
    peer.open = true;
    peer.gone = false;
    peer.linked = true;
    peer.congested = false;
    peer.greeted = false;
    peer.watched = undefined;
    core.refresh(peer);
  }

  closed(incarnation: Incarnation): void {
    const peer = this.core.peers.get(incarnation);
    if (peer === undefined) return;
    peer.open = false;
    this.unlink(peer);
    if (peer.gone) this.core.peers.forget(peer);
    else if (!peer.up && peer.failedAt === undefined) peer.failedAt = this.core.now.mono;
    this.core.acks.review();
  }

  congested(incarnation: Incarnation, congested: boolean): void {
    const peer = this.core.peers.get(incarnation);
    if (peer === undefined) return;
    peer.congested = congested;
    this.core.peers.changed();
  }

  /** Lets go of nodes that have been away for too long, or of all that hold things up when too many deletes wait (S4). */
  evict(): void {
    const { now, options, peers, entries } = this.core;
    const overfull = entries.deletes > options.deletesMax;
    for (const peer of peers.all()) {
      if (!present(peer) && peer.failedAt !== undefined) {
        // A link to a process of the past may open after its successor was met.
        const unknown = peer.report === undefined || this.isReplaced(peer);
        if (overfull || unknown || now.mono - peer.failedAt >= options.evictAfterMs) this.outlive(peer);
      } else if (overfull && (!peer.linked || peer.congested)) this.shutOut(peer);
    }
  }

  /** As another replica, this node knows nothing of what the others hold. */
  restart(): void {
    for (const peer of this.core.peers.all()) {
      Object.assign(peer, {
        origin: -1,
        replica: undefined,
        report: undefined,
        floors: undefined,
        side: undefined,
      });
      Object.assign(peer, {
        greeted: false,
        apart: false,
        judged: false,
        foreign: false,
        held: 0,
        since: 0,
        owesHeld: false,
        watched: undefined,
      });
      this.core.refresh(peer);
    }
  }

  private isReplaced({ node }: Peer): boolean {
    for (const { up, node: other } of this.core.peers.all())
      if (up && other.name === node.name && other.incarnation !== node.incarnation) return true;
    return false;
  }

  /** A process that came back under its name has ended before. */
  private replaceFormer(node: NodeInfo): void {
    const former = this.core.peers.where(
      (peer) => peer.node.name === node.name && peer.node.incarnation !== node.incarnation && !present(peer),
    );
    for (const peer of former) this.remove(peer);
  }

  private unlink(peer: Peer): void {
    peer.linked = false;
    peer.greeted = false;
    this.core.refresh(peer);
    this.ended(peer);
  }

  /** It may still write somewhere, and does not see what is settled here from now on. */
  private outlive(peer: Peer): void {
    if (peer.origin >= 0) this.core.origins.at(peer.origin).followsFloor = false;
    this.remove(peer);
  }

  /** Now that there is a store here, others with another one hear of it (S4). */
  shutOutForeign(): void {
    for (const peer of this.core.peers.where(({ foreign }) => foreign)) this.shutOut(peer);
  }

  /** It is there and cannot be waited for: it will have to take a full copy. */
  private shutOut(peer: Peer): void {
    if (peer.replica === undefined || peer.fenced) return;
    this.core.fence(peer.replica);
    this.core.origins.at(peer.origin).followsFloor = false;
    peer.fenced = true;
    this.core.refresh(peer);
    this.ended(peer);
  }

  /** Its dots stay; it may not bring back any that were forgotten meanwhile. */
  private remove(peer: Peer): void {
    this.unlink(peer);
    if (peer.replica !== undefined) this.core.fence(peer.replica);
    this.partitions.forget(peer);
    peer.gone = true;
    peer.failedAt = undefined;
    if (!peer.open) this.core.peers.forget(peer);
    this.core.acks.review();
  }
}
