/**
 * The peers that are linked, each over one link. Of two nodes the one with the smaller incarnation decides which
 * connection becomes the link, so that both always keep the same one:
 *
 * - The other side says, connection by connection and one at a time, that it is willing, and by number which link it has.
 * - When the decider has that same link, the new connection is not needed. Any other answer means that its own link
 *   is dead at the far end, or that there is none: the new connection takes its place.
 *
 * So a link that works is never replaced, a link that only one side still believes in always is, and for every peer
 * `opened` and `closed` alternate.
 */
import type { Incarnation, NodeInfo } from '@nest-cluster/protocol';
import type { TransportListener } from '../ports/transport.js';
import type { Link, LinkFault } from './link.js';
import { LINKS_MAX } from './limits.js';

interface LivePeer {
  readonly node: NodeInfo;
  /** The number that the decider gave to this link; never 0. */
  readonly number: number;
  readonly link: Link;
  /** It seems to carry nothing, so that the next connection takes its place. */
  isDoubted: boolean;
}

/** What the table reports; nothing once the transport closes. */
export type PeerReports = Pick<TransportListener, 'opened' | 'closed' | 'frame' | 'drained' | 'rejected'>;

export class LinkTable {
  private readonly peers = new Map<Incarnation, LivePeer>();
  /** Connections with a peer that decides, which wait to be offered to it; the first of each list is. */
  private readonly offers = new Map<Incarnation, (() => void)[]>();
  private lastNumber = 0;

  constructor(
    private readonly reports: PeerReports,
    private readonly linksMax: number = LINKS_MAX,
  ) {}

  /** No room for one more peer. */
  isFullFor(incarnation: Incarnation): boolean {
    return this.peers.size >= this.linksMax && !this.peers.has(incarnation);
  }

  get(incarnation: Incarnation): Link | undefined {
    return this.peers.get(incarnation)?.link;
  }

  *links(): IterableIterator<readonly [Incarnation, Link]> {
    for (const [incarnation, { link }] of this.peers) yield [incarnation, link];
  }

  /** Number of the link with this peer; 0 when there is none that can still be used. */
  numberWith(incarnation: Incarnation): number {
    const peer = this.peers.get(incarnation);
    return peer && !peer.link.isEnding && !peer.isDoubted ? peer.number : 0;
  }

  /** Until it brings something. */
  doubt(incarnation: Incarnation): void {
    const peer = this.peers.get(incarnation);
    if (peer) peer.isDoubted = true;
  }

  nextNumber(): number {
    this.lastNumber = (this.lastNumber % 0xffff_ffff) + 1;
    return this.lastNumber;
  }

  /** Calls `offer` when no other connection is on offer to this peer. Returns what ends the offer, whatever came of it. */
  offer(incarnation: Incarnation, offer: () => void): () => void {
    const waiting = this.offers.get(incarnation) ?? [];
    this.offers.set(incarnation, waiting);
    waiting.push(offer);
    if (waiting.length === 1) offer();
    return () => {
      const place = waiting.indexOf(offer);
      if (place < 0) return;
      waiting.splice(place, 1);
      if (waiting.length === 0) this.offers.delete(incarnation);
      else if (place === 0) waiting[0]?.();
    };
  }

  /** From now on this is the link with that peer; one that was there before is dead. */
  keep(node: NodeInfo, number: number, link: Link): void {
    const { incarnation } = node;
    const before = this.peers.get(incarnation);
    if (before) {
      before.link.destroy();
      this.remove(before, undefined);
    }
    const peer: LivePeer = { node, number, link, isDoubted: false };
    this.peers.set(incarnation, peer);
    link.open();
    link.serve({
      frame: (frame) => {
        peer.isDoubted = false;
        this.reports.frame(incarnation, frame);
      },
      closed: (fault) => this.remove(peer, fault),
      drained: () => this.reports.drained?.(incarnation),
    });
    this.reports.opened(node);
  }

  /** Ends all links, without a report. */
  dismiss(): void {
    for (const { link } of this.peers.values()) {
      link.serve({ frame: () => undefined, closed: () => undefined });
      link.end();
    }
    this.peers.clear();
  }

  private remove(peer: LivePeer, fault: LinkFault | undefined): void {
    const { node } = peer;
    if (this.peers.get(node.incarnation) !== peer) return;
    this.peers.delete(node.incarnation);
    if (fault) this.reports.rejected(fault.reason, `${node.name}: ${fault.detail}`);
    this.reports.closed(node.incarnation);
  }
}
