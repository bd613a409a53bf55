/**
 * Links between nodes, as the engine sees them. Implemented over TCP in `wire/`, and in memory for tests.
 *
 * Guarantees: a link is reported only after both sides proved themselves (W1) and belong to one cluster (W6). Frames on a
 * link arrive whole and in order, or not at all. At most one link per peer incarnation is reported; when two nodes dial
 * each other at once, both keep the same one. Everything a peer controls is bounded before it is allocated (W5).
 */
import type { Address, Incarnation, NodeInfo } from '@nest-cluster/protocol';

export interface Transport {
  /** Binds and listens; resolves with the port. Rejects with `CLUSTER_BIND_FAILED`. */
  listen(): Promise<{ readonly port: number }>;
  /**
   * Starts to accept and to report; `self` goes into every handshake. Once more, with another incarnation: every link ends,
   * without a report.
   */
  start(self: NodeInfo, listener: TransportListener): void;
  /**
   * Connects. Ends in `opened` or `dialFailed`, or in neither when the node there turns out to be linked already. While a
   * dial to this address is under way, a second is ignored.
   */
  dial(address: Address): void;
  /** Queues a frame. All frames of one turn of the event loop leave in one write. Dropped when there is no such link. */
  send(to: Incarnation, frame: Uint8Array): void;
  /** Flushes what is queued, then closes the link. */
  hangUp(incarnation: Incarnation): void;
  /** The link with this peer seems to carry nothing: a dial that succeeds replaces it. Until then, and without this, it stays. */
  doubt?(incarnation: Incarnation): void;
  /** Bytes queued and not yet handed to the kernel for this peer. */
  backlog(incarnation: Incarnation): number;
  counters(): TransportCounters;
  /** Closes the listener and every link; resolves when nothing is left open. */
  close(): Promise<void>;
}

export interface TransportListener {
  opened(peer: NodeInfo): void;
  closed(incarnation: Incarnation): void;
  dialFailed(address: Address, failure: DialFailure): void;
  frame(from: Incarnation, frame: Uint8Array): void;
  /** The kernel has taken everything that was queued for this peer, after a time in which it had not. */
  drained?(incarnation: Incarnation): void;
  /** Something was dropped or refused. Counted here for the application; bytes from strangers are never an error. */
  rejected(reason: RejectReason, detail: string): void;
}

/** `refused`: nobody listens there. `unreachable`: nothing came back in time. `rejected`: the peer or we said no. `self`: that address is this node. */
export type DialFailure = 'refused' | 'unreachable' | 'rejected' | 'self';

/** Why bytes or a peer were turned away; the label of `cluster_frames_rejected_total`. */
export type RejectReason =
  | 'unknownKey'
  | 'plainText'
  | 'tls'
  | 'certificate'
  | 'handshakeTimeout'
  | 'handshakeInvalid'
  | 'otherCluster'
  | 'otherVersion'
  | 'frameTooLarge'
  | 'frameInvalid'
  | 'tooManyLinks'
  | 'backlogFull'
  | 'gossipForged'
  | 'gossipReplayed'
  | 'gossipInvalid'
  | 'gossipOtherCluster';

export interface TransportCounters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Per open link, for the page that shows who talks to whom. */
  readonly links: readonly {
    readonly incarnation: Incarnation;
    readonly bytesIn: number;
    readonly bytesOut: number;
  }[];
}
