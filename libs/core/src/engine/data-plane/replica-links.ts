/**
 * The links over which a replica speaks: one with each member that is up, bytes out and messages in. A peer that does not
 * take what it is sent is told of as congested, so that what waits for it stays bounded (W5).
 */
import type {
  Address,
  Incarnation,
  NodeInfo,
  StoreInput,
  StoreMessage,
  StoreOptions,
} from '@nest-cluster/protocol';
import type { Surroundings } from '../../ports/surroundings.js';
import type { DialFailure, RejectReason, Transport, TransportListener } from '../../ports/transport.js';
import {
  decodeStoreMessage,
  encodeStoreMessage,
  VALUE_BYTES_CAP,
  type StoreBounds,
} from '../../wire/index.js';
import { LinkWatch } from './link-watch.js';
import { PeerLinks } from './peer-links.js';

/** Bytes that wait for one peer before it is left to repair. */
export const CONGESTED_BYTES = 4 * 1024 * 1024;

export interface ReplicaLinksOwner {
  feed(input: StoreInput): void;
  rejected(reason: RejectReason, detail: string): void;
  /** A member that is up cannot be dialled. */
  unreachable(node: NodeInfo, address: Address, failure: DialFailure): void;
}

export class ReplicaLinks {
  private readonly bounds: StoreBounds;
  private readonly dials: PeerLinks;
  private readonly watch: LinkWatch;
  private readonly linked = new Map<Incarnation, NodeInfo>();
  private readonly congested = new Set<Incarnation>();

  /** `transport` listens already. */
  constructor(
    private readonly transport: Transport,
    options: StoreOptions,
    private readonly owner: ReplicaLinksOwner,
    around: Surroundings,
  ) {
    // A value that another node's limit lets through is taken here, too.
    this.bounds = { ...options, valueBytesMax: VALUE_BYTES_CAP };
    this.dials = new PeerLinks(
      (address) => transport.dial(address),
      around,
      (node, address, failure) => this.owner.unreachable(node, address, failure),
    );
    this.watch = new LinkWatch(around, (incarnation) => {
      transport.doubt?.(incarnation);
      this.dials.redial(incarnation);
    });
  }

  /** Peers are let in from now on, and told that this is who they speak with. */
  start(self: NodeInfo): void {
    this.transport.start(self, this.ears());
    this.watch.start();
  }

  /** The application of a peer makes no progress, or does again. */
  blocked(incarnation: Incarnation, isBlocked: boolean): void {
    this.watch.excuse(incarnation, isBlocked);
  }

  want(node: NodeInfo): void {
    this.dials.want(node, this.linked.has(node.incarnation));
  }

  /** The link ends, and is not sought any more. */
  part(incarnation: Incarnation): void {
    this.dials.forget(incarnation);
    this.watch.excuse(incarnation, false);
    this.transport.hangUp(incarnation);
  }

  /** Every link ends; returns with whom there was one. */
  partAll(): readonly NodeInfo[] {
    const peers = [...this.linked.values()];
    this.dials.end();
    this.watch.stop();
    for (const { incarnation } of peers) this.transport.hangUp(incarnation);
    this.linked.clear();
    this.congested.clear();
    return peers;
  }

  /** Encodes once, for however many. */
  send(to: readonly Incarnation[], message: StoreMessage): void {
    const frame = encodeStoreMessage(message);
    for (const incarnation of to) {
      this.transport.send(incarnation, frame);
      if (this.transport.backlog(incarnation) <= CONGESTED_BYTES || this.congested.has(incarnation)) continue;
      this.congested.add(incarnation);
      this.owner.feed({ type: 'congested', incarnation });
    }
  }

  private ears(): TransportListener {
    return {
      opened: (peer) => {
        this.linked.set(peer.incarnation, peer);
        this.congested.delete(peer.incarnation);
        this.dials.opened(peer.incarnation);
        this.watch.heard(peer.incarnation);
        this.owner.feed({ type: 'linkOpened', peer });
      },
      closed: (incarnation) => {
        this.linked.delete(incarnation);
        this.congested.delete(incarnation);
        this.dials.closed(incarnation);
        this.watch.closed(incarnation);
        this.owner.feed({ type: 'linkClosed', incarnation });
      },
      dialFailed: (address, failure) => this.dials.failed(address, failure),
      frame: (from, bytes) => this.hear(from, bytes),
      drained: (incarnation) => {
        if (this.congested.delete(incarnation)) this.owner.feed({ type: 'drained', incarnation });
      },
      rejected: (reason, detail) => this.owner.rejected(reason, detail),
    };
  }

  private hear(from: Incarnation, bytes: Uint8Array): void {
    this.watch.heard(from);
    const message = decodeStoreMessage(bytes, this.bounds);
    if (message !== undefined) this.owner.feed({ type: 'message', from, message });
    else this.owner.rejected('frameInvalid', `from the store of ${this.linked.get(from)?.name ?? from}`);
  }
}
