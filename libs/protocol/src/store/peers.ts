/**
 * The other nodes, as the store is told of them, and as they say themselves. Who gets new writes, who counts for an
 * acknowledgement (S1), and whose clock is waited for before a delete is forgotten (S4) is decided here.
 */
import { hasVote, type Incarnation, type NodeInfo } from '../node.js';
import type { DotSet } from './dots.js';
import type { Replica } from './entry.js';
import type { KnownClock } from './origins.js';

export interface Peer {
  readonly node: NodeInfo;
  /** It counts for a quorum (L5). */
  readonly votes: boolean;
  /** Membership says so. */
  up: boolean;
  /** Monotonic time at which it failed; it is waited for until it is evicted (S4). */
  failedAt: number | undefined;
  /** There is a link, and it has not failed since that was opened. */
  linked: boolean;
  /** There is a link. */
  open: boolean;
  congested: boolean;
  /** It is waited for no longer, and forgotten as soon as its link is closed. */
  gone: boolean;
  /** What it said last; nothing before its first clock on this link. */
  greeted: boolean;
  replica: Replica | undefined;
  origin: number;
  ready: boolean;
  /** As many of its side have the whole store as a write waits for. */
  quorum: boolean;
  /** What it holds, by its last clock; none when it has never told. */
  report: KnownClock | undefined;
  floors: KnownClock | undefined;
  /** The smallest replica of its side. */
  side: Replica | undefined;
  /** Its store and this one grew apart, and nobody has let them together yet (P4). */
  apart: boolean;
  /** Whether it missed what was forgotten here was looked at, for its generation (S4). */
  judged: boolean;
  /** Its store is not the one that this node is copying, but one that missed what was forgotten there (S4). */
  foreign: boolean;
  /** It was forgotten and must first drop what it holds; or the same of this node, by its word. */
  fenced: boolean;
  /** It holds this node's dots up to here. */
  held: number;
  /** This node's counter when it came up: earlier writes do not wait for it. */
  since: number;
  /** It waits to be told what is held of its dots. */
  owesHeld: boolean;
  /** The application was told that replication with it runs. */
  connected: boolean;
  /** The last transfer that it asked for. */
  served: number;
  /** Dots that were on their way when it told of them, and the monotonic time from which they are late. */
  watched: { readonly clock: KnownClock; readonly until: number } | undefined;
}

export class Peers {
  private readonly byIncarnation = new Map<Incarnation, Peer>();
  private cached: readonly Incarnation[] | undefined;

  /** @param voters who counts for a quorum; everybody when nobody is named */
  constructor(private readonly voters: ReadonlySet<string> | undefined) {}

  get(incarnation: Incarnation): Peer | undefined {
    return this.byIncarnation.get(incarnation);
  }

  of(node: NodeInfo, counter: number): Peer {
    let peer = this.byIncarnation.get(node.incarnation);
    if (peer === undefined) {
      peer = stranger(node, hasVote(this.voters, node), counter);
      this.byIncarnation.set(node.incarnation, peer);
    }
    return peer;
  }

  forget(peer: Peer): void {
    this.byIncarnation.delete(peer.node.incarnation);
    this.changed();
  }

  all(): IterableIterator<Peer> {
    return this.byIncarnation.values();
  }

  where(holds: (peer: Peer) => boolean): Peer[] {
    return [...this.byIncarnation.values()].filter(holds);
  }

  /** Those that are sent every write of this node. */
  targets(): readonly Incarnation[] {
    this.cached ??= this.where((peer) => together(peer) && !peer.congested).map(
      ({ node }) => node.incarnation,
    );
    return this.cached;
  }

  changed(): void {
    this.cached = undefined;
  }
}

/** Entries flow between this node and the peer. */
export function together(peer: Peer): boolean {
  return peer.linked && peer.greeted && !peer.apart && !peer.fenced;
}

export function present(peer: Peer): boolean {
  return peer.up || peer.linked;
}

export function baseOf(clock: KnownClock | undefined, origin: number): number {
  return clock?.get(origin)?.base ?? 0;
}

export function dotsOf(clock: KnownClock | undefined, origin: number): DotSet | undefined {
  return clock?.get(origin);
}

function stranger(node: NodeInfo, votes: boolean, since: number): Peer {
  return {
    node,
    votes,
    up: false,
    failedAt: undefined,
    linked: false,
    open: false,
    congested: false,
    gone: false,
    greeted: false,
    replica: undefined,
    origin: -1,
    ready: false,
    quorum: false,
    report: undefined,
    floors: undefined,
    side: undefined,
    apart: false,
    judged: false,
    foreign: false,
    fenced: false,
    held: 0,
    since,
    owesHeld: false,
    connected: false,
    served: 0,
    watched: undefined,
  };
}
