/**
 * Links over TCP: the transport that nodes use. Puts together who comes in (doorway.ts), who is dialled (dial.ts), and who
 * is linked (link-table.ts), and closes whatever they opened.
 */
import type { Socket } from 'node:net';
import type { Address, Incarnation, NodeInfo } from '@nest-cluster/protocol';
import { ClusterError } from '@nest-cluster/protocol';
import { parseContactPoint } from '../ports/contact-point.js';
import type { DialFailure, Transport, TransportCounters, TransportListener } from '../ports/transport.js';
import { Aliases } from './aliases.js';
import { Dial } from './dial.js';
import { Doorway } from './doorway.js';
import { VERSIONS, type Versions } from './hello.js';
import { BACKLOG_BYTES_MAX, DIALS_MAX, FRAME_BYTES_MAX, HANDSHAKE_TIMEOUT_MS } from './limits.js';
import { Link, type ByteTotals, type LinkOptions } from './link.js';
import { LinkTable } from './link-table.js';
import { createSecurer, type LinkSecurity, type Securer } from './security.js';
import type { Wiring } from './wiring.js';

export interface TcpTransportOptions {
  /** Name of the cluster; others are turned away (W6). */
  readonly cluster: string;
  /** Address to bind, without brackets. */
  readonly host: string;
  /** Port to bind; 0 for any free one. */
  readonly port: number;
  readonly security: LinkSecurity;
  /** How long a dial may take to connect, and after that to be accepted, in milliseconds. Default 2,000. */
  readonly connectTimeoutMs?: number;
  /** How long someone who connects may take to become a peer, in milliseconds. Default 5,000. */
  readonly handshakeTimeoutMs?: number;
  /** How many may be on their way to become peers; one more turns the oldest away. Default 256. */
  readonly handshakesPendingMax?: number;
  /** Longest frame that is sent or taken, in bytes. Default 4 MiB. */
  readonly frameBytesMax?: number;
  /** Bytes that may wait for a slow peer before its link is closed. Default 16 MiB. */
  readonly backlogBytesMax?: number;
  /** How many peers may be linked. Default 4,096. */
  readonly linksMax?: number;
  /** Protocol versions that this node speaks; for tests of mixed clusters. */
  readonly versions?: Versions;
}

const CONNECT_TIMEOUT_MS = 2_000;

export function createTcpTransport(options: TcpTransportOptions): Transport {
  return new TcpTransport(options);
}

class TcpTransport implements Transport {
  private readonly securer: Securer;
  private readonly doorway: Doorway;
  private readonly table: LinkTable;
  private readonly totals: ByteTotals = { bytesIn: 0, bytesOut: 0 };
  private readonly dials = new Map<Address, Dial>();
  private readonly aliases = new Aliases();
  /** Every socket that is open, in whatever state. */
  private readonly sockets = new Set<Socket>();
  private readonly timeoutMs: number;
  private readonly linkOptions: LinkOptions;
  private listener: TransportListener | undefined;
  private wiring: Wiring | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: TcpTransportOptions) {
    this.timeoutMs = options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS;
    this.linkOptions = {
      frameBytesMax: options.frameBytesMax ?? FRAME_BYTES_MAX,
      backlogBytesMax: options.backlogBytesMax ?? BACKLOG_BYTES_MAX,
    };
    this.securer = createSecurer(options.security, options.cluster);
    this.doorway = new Doorway({ ...options, handshakeTimeoutMs: this.timeoutMs }, this.securer, (socket) =>
      this.own(socket),
    );
    this.table = new LinkTable(
      {
        opened: (peer) => this.listener?.opened(peer),
        closed: (incarnation) => this.listener?.closed(incarnation),
        frame: (from, frame) => this.listener?.frame(from, frame),
        drained: (incarnation) => this.listener?.drained?.(incarnation),
        rejected: (reason, detail) => this.listener?.rejected(reason, detail),
      },
      options.linksMax,
    );
  }

  async listen(): Promise<{ readonly port: number }> {
    return { port: await this.doorway.listen() };
  }

  start(self: NodeInfo, listener: TransportListener): void {
    if (this.closing) throw new ClusterError('CLUSTER_STOPPED', 'the transport is closed');
    this.dropAll();
    this.listener = listener;
    const { cluster, versions = VERSIONS } = this.options;
    this.wiring = {
      handshakeContext: { self, cluster, versions, table: this.table, timeoutMs: this.timeoutMs },
      makeLink: (socket) => new Link(socket, this.linkOptions, this.totals),
      own: (socket) => this.own(socket),
      rejected: (reason, detail) => this.listener?.rejected(reason, detail),
    };
    this.doorway.open(this.wiring);
  }

  dial(address: Address): void {
    if (!this.wiring || this.dials.has(address)) return;
    const { self } = this.wiring.handshakeContext;
    const known = this.aliases.leadsTo(address);
    if (known === self.incarnation) return this.failSoon(address, 'self');
    if (known && this.table.numberWith(known) !== 0) return;
    const target = parseContactPoint(address);
    if (!target || this.dials.size >= DIALS_MAX) return this.failSoon(address, 'unreachable');
    const context = {
      securer: this.securer,
      wiring: this.wiring,
      timeoutMs: this.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    };
    const dial = new Dial(target, context, (result, met) => {
      this.dials.delete(address);
      if (result === 'self') this.aliases.learn(address, self, true);
      else if (met) this.aliases.learn(address, met, false);
      if (result !== 'linked') this.listener?.dialFailed(address, result);
    });
    this.dials.set(address, dial);
  }

  send(to: Incarnation, frame: Uint8Array): void {
    const { frameBytesMax } = this.linkOptions;
    if (frame.length > frameBytesMax)
      throw new ClusterError(
        'CLUSTER_INVARIANT_BROKEN',
        `a frame of ${frame.length} bytes, of at most ${frameBytesMax}`,
      );
    this.table.get(to)?.send(frame);
  }

  hangUp(incarnation: Incarnation): void {
    this.table.get(incarnation)?.end();
  }

  doubt(incarnation: Incarnation): void {
    this.table.doubt(incarnation);
  }

  backlog(incarnation: Incarnation): number {
    return this.table.get(incarnation)?.backlog ?? 0;
  }

  counters(): TransportCounters {
    const links = [...this.table.links()].map(([incarnation, { bytesIn, bytesOut }]) => ({
      incarnation,
      bytesIn,
      bytesOut,
    }));
    return { ...this.totals, links };
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    this.dropAll();
    const closed = [...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await Promise.all([this.doorway.close(), ...closed]);
  }

  /** Links say goodbye; everything else ends at once; nothing of it is reported. */
  private dropAll(): void {
    this.listener = undefined;
    this.wiring = undefined;
    for (const dial of this.dials.values()) dial.abandon();
    this.dials.clear();
    this.aliases.clear();
    this.table.dismiss();
  }

  private failSoon(address: Address, failure: DialFailure): void {
    setImmediate(() => this.listener?.dialFailed(address, failure));
  }

  private own(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }
}
