/**
 * The links over which a replica speaks: one with each member that is up, bytes out and messages in. A peer that does not
 * take what it is sent is told of as congested, so that what waits for it stays bounded (W5).
 */
import type { Address, Incarnation, NodeInfo, StoreInput, StoreMessage } from '@nest-cluster/protocol';
import { monotonicMs } from '../../ports/clock.js';
import type { RejectReason, Transport, TransportCounters, TransportListener } from '../../ports/transport.js';
import {
  createTcpTransport,
  decodeStoreMessage,
  encodeStoreMessage,
  VALUE_BYTES_CAP,
  type StoreBounds,
} from '../../wire/index.js';
import { Rejections } from '../rejections.js';
import type { DataPlaneConfig } from './config.js';
import { PeerLinks } from './peer-links.js';

/** Bytes that wait for one peer before it is left to repair. */
const CONGESTED_BYTES = 4 * 1024 * 1024;
/** Room in a frame beside values: names, clocks, keys. */
const FRAME_ROOM_BYTES = 16 * 1024 * 1024;

export interface ReplicaLinksOwner {
  feed(input: StoreInput): void;
  rejected(reason: RejectReason, detail: string, count: number): void;
}

export class ReplicaLinks {
  private readonly bounds: StoreBounds;
  private readonly rejections = new Rejections();
  private readonly dials = new PeerLinks((address: Address) => this.transport?.dial(address));
  private readonly linked = new Map<Incarnation, NodeInfo>();
  private readonly congested = new Set<Incarnation>();
  private transport: Transport | undefined;

  constructor(
    private readonly config: DataPlaneConfig,
    private readonly owner: ReplicaLinksOwner,
  ) {
    // A value that another node's limit lets through is taken here, too.
    this.bounds = { ...config.options, valueBytesMax: VALUE_BYTES_CAP };
  }

  /** Binds, and resolves with the port that peers are told. */
  async listen(): Promise<number> {
    const { port, mayMove } = this.config;
    try {
      return await this.bind(port);
    } catch (error) {
      if (!mayMove || port === 0) throw error;
      return this.bind(0);
    }
  }

  /** Peers are let in from now on, and told that this is who they speak with. */
  start(self: NodeInfo): void {
    this.transport?.start(self, this.ears());
  }

  want(node: NodeInfo): void {
    this.dials.want(node, this.linked.has(node.incarnation));
  }

  /** The link ends, and is not sought any more. */
  part(incarnation: Incarnation): void {
    this.dials.forget(incarnation);
    this.transport?.hangUp(incarnation);
  }

  /** Every link ends; returns with whom there was one. */
  partAll(): readonly NodeInfo[] {
    const peers = [...this.linked.values()];
    this.dials.end();
    for (const { incarnation } of peers) this.transport?.hangUp(incarnation);
    this.linked.clear();
    this.congested.clear();
    return peers;
  }

  /** Encodes once, for however many. */
  send(to: readonly Incarnation[], message: StoreMessage): void {
    const { transport } = this;
    if (transport === undefined) return;
    const frame = encodeStoreMessage(message);
    for (const incarnation of to) {
      transport.send(incarnation, frame);
      if (transport.backlog(incarnation) <= CONGESTED_BYTES || this.congested.has(incarnation)) continue;
      this.congested.add(incarnation);
      this.owner.feed({ type: 'congested', incarnation });
    }
  }

  counters(): TransportCounters {
    return this.transport?.counters() ?? { bytesIn: 0, bytesOut: 0, links: [] };
  }

  rejected(): Partial<Record<RejectReason, number>> {
    return this.rejections.totals();
  }

  async close(): Promise<void> {
    this.dials.end();
    await this.transport?.close();
  }

  private async bind(port: number): Promise<number> {
    const { name, host, cluster, security, options, transport: inPlaceOfTcp } = this.config;
    const frameBytesMax = FRAME_ROOM_BYTES + options.siblingsMax * options.valueBytesMax;
    const backlogBytesMax = frameBytesMax + 2 * CONGESTED_BYTES;
    const transport =
      inPlaceOfTcp?.({ name, host, port }) ??
      createTcpTransport({ cluster, host, port, security, frameBytesMax, backlogBytesMax });
    const bound = await transport.listen();
    this.transport = transport;
    return bound.port;
  }

  private ears(): TransportListener {
    return {
      opened: (peer) => {
        this.linked.set(peer.incarnation, peer);
        this.congested.delete(peer.incarnation);
        this.dials.opened(peer.incarnation);
        this.owner.feed({ type: 'linkOpened', peer });
      },
      closed: (incarnation) => {
        this.linked.delete(incarnation);
        this.congested.delete(incarnation);
        this.dials.closed(incarnation);
        this.owner.feed({ type: 'linkClosed', incarnation });
      },
      dialFailed: (address) => this.dials.failed(address),
      frame: (from, bytes) => this.hear(from, bytes),
      drained: (incarnation) => {
        if (this.congested.delete(incarnation)) this.owner.feed({ type: 'drained', incarnation });
      },
      rejected: (reason, detail) => this.reject(reason, detail),
    };
  }

  private hear(from: Incarnation, bytes: Uint8Array): void {
    const message = decodeStoreMessage(bytes, this.bounds);
    if (message !== undefined) this.owner.feed({ type: 'message', from, message });
    else this.reject('frameInvalid', `from the store of ${this.linked.get(from)?.name ?? from}`);
  }

  private reject(reason: RejectReason, detail: string): void {
    this.rejections.add(reason, detail);
    for (const told of this.rejections.take(monotonicMs()))
      this.owner.rejected(told.reason, told.detail, told.count);
  }
}
