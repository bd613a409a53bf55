/**
 * The other nodes, as membership and links tell of them, and what they said last. What a peer is to this replica is two
 * unions, `link` and `relation`, and each changes in one function.
 */
import { hasVote, type Incarnation, type NodeInfo } from '../../node.js';
import type { DecreeState, ReplicaPhase } from '../message.js';
import type { Replica } from '../state/entry.js';
import { Inbox } from './inbox.js';

/**
 * `congested`: too much waits on it, so that nothing more is sent until it has drained. `shut`: membership declared the node
 * down, and the link has not closed yet.
 */
export type Link = 'none' | 'shut' | 'open' | 'congested';

/** `failed`: membership declared it down, and it may come back from the other side of a partition (P1). */
export type Presence = 'unknown' | 'up' | 'failed';

/**
 * `stranger`: it has not told its clock on this link. `together`: entries flow. `apart`: its store grew apart from this one
 * and waits for a choice. `behind`: one of the two has not heard of a decree, or has not carried it out (P4).
 */
export type Relation = 'stranger' | 'together' | 'apart' | 'behind';

export type RelationEvent =
  | 'unlinked'
  | 'equalDecrees'
  | 'unequalDecrees'
  | 'separated'
  | 'letIn'
  /** A choice was made for its side and this one. */
  | 'decreed';

/** What becomes of a relation, for each event. */
export const RELATIONS: Readonly<Record<RelationEvent, Readonly<Record<Relation, Relation>>>> = {
  unlinked: { stranger: 'stranger', together: 'stranger', apart: 'stranger', behind: 'stranger' },
  equalDecrees: { stranger: 'together', together: 'together', apart: 'apart', behind: 'together' },
  unequalDecrees: { stranger: 'behind', together: 'behind', apart: 'apart', behind: 'behind' },
  separated: { stranger: 'apart', together: 'apart', apart: 'apart', behind: 'apart' },
  decreed: { stranger: 'stranger', together: 'behind', apart: 'behind', behind: 'behind' },
  letIn: { stranger: 'stranger', together: 'together', apart: 'together', behind: 'behind' },
};

export interface Peer {
  readonly node: NodeInfo;
  /** It counts for a quorum (L5). */
  readonly votes: boolean;
  presence: Presence;
  link: Link;
  relation: Relation;
  /** What it said last; undefined before its first clock. */
  replica: Replica | undefined;
  /** Of its replica; -1 before its first clock. */
  origin: number;
  phase: ReplicaPhase;
  /** What it knows, by its last clocks. */
  readonly clock: number[];
  /** Digest of what its buckets know beyond its clock. */
  ahead: number;
  /** The same, when all that it stood for was last taken over. */
  aheadTaken: number;
  /** The smallest replica of its side. */
  side: Replica | undefined;
  /** Voters that are not ready and that it has a link with (S7). */
  meets: ReadonlySet<Incarnation>;
  decrees: ReadonlyMap<string, DecreeState>;
  /** Its writes that have come and are not applied yet. */
  readonly inbox: Inbox;
  /** It gets every write of this node. */
  isStreaming: boolean;
  /** It knows this node's dots up to here. */
  held: number;
  /** This node's counter when it came up: earlier writes do not wait for it. */
  since: number;
  /** It waits to be told what is known of its dots. */
  owesHeld: boolean;
  /** The application was told that replication with it runs. */
  connected: boolean;
  /** The last transfer that it asked for. */
  served: number;
  /** Monotonic time from which what it told of and has not come is late; undefined when nothing is missing. */
  lateAt: number | undefined;
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
      peer = newPeer(node, hasVote(this.voters, node), counter);
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

  /** Those that get every write of this node. */
  targets(): readonly Incarnation[] {
    this.cached ??= this.where((peer) => peer.isStreaming).map(({ node }) => node.incarnation);
    return this.cached;
  }

  changed(): void {
    this.cached = undefined;
  }
}

export function isLinked(peer: Peer): boolean {
  return peer.link === 'open' || peer.link === 'congested';
}

/** Entries flow between this node and the peer. */
export function isTogether(peer: Peer): boolean {
  return peer.relation === 'together' && isLinked(peer);
}

export function isPresent(peer: Peer): boolean {
  return peer.presence === 'up' || isLinked(peer);
}

/** What it said as another replica counts no longer. */
export function forgetReplica(peer: Peer): void {
  peer.replica = undefined;
  peer.origin = -1;
  peer.clock.length = 0;
  peer.ahead = 0;
  peer.aheadTaken = 0;
  peer.held = 0;
  peer.lateAt = undefined;
  peer.inbox.reset();
}

function newPeer(node: NodeInfo, votes: boolean, since: number): Peer {
  return {
    node,
    votes,
    presence: 'unknown',
    link: 'none',
    relation: 'stranger',
    replica: undefined,
    origin: -1,
    phase: 'joining',
    clock: [],
    ahead: 0,
    aheadTaken: 0,
    side: undefined,
    meets: new Set(),
    decrees: new Map(),
    inbox: new Inbox(),
    isStreaming: false,
    held: 0,
    since,
    owesHeld: false,
    connected: false,
    served: 0,
    lateAt: undefined,
  };
}
