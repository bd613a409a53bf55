/**
 * Where strangers come in: accepts connections, lets each prove itself, and leads it through the handshake. Only so many
 * may be on their way, and only for so long; the oldest makes room, so that a crowd that says nothing keeps nobody out (W5).
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ClusterError } from '@nest-cluster/protocol';
import type { RejectReason } from '../ports/transport.js';
import { Handshake, type HandshakeOutcome } from './handshake.js';
import { HANDSHAKES_PENDING_MAX } from './limits.js';
import type { Link } from './link.js';
import type { Securer } from './security.js';
import type { Wiring } from './wiring.js';

/** Someone who connected and is no peer yet. */
interface Stranger {
  readonly socket: Socket;
  readonly path: string;
  readonly remote: string;
  readonly timer: NodeJS.Timeout;
  /** Proved, and in the handshake, which tells how it ends. */
  greeted: boolean;
}

export interface DoorwayOptions {
  readonly host: string;
  readonly port: number;
  readonly handshakeTimeoutMs: number;
  readonly handshakesPendingMax?: number;
}

export class Doorway {
  private readonly server: Server;
  /** By both ends of the connection, which a TLS socket shares with the socket below it; the oldest first. */
  private readonly strangers = new Map<string, Stranger>();
  private wiring: Wiring | undefined;
  private binding: Promise<number> | undefined;

  constructor(
    private readonly options: DoorwayOptions,
    private readonly securer: Securer,
    /** Takes over every socket, to close it at the end. */
    private readonly own: (socket: Socket) => void,
  ) {
    this.server = createServer({ noDelay: true }, (socket) => this.arrive(socket));
    securer.server?.on('secureConnection', (socket) => this.proved(socket));
    securer.server?.on('tlsClientError', (error, socket) => this.unproved(error, socket));
  }

  listen(): Promise<number> {
    const { host, port } = this.options;
    const { server } = this;
    this.binding = new Promise((resolve, reject) => {
      const failed = (cause: NodeJS.ErrnoException): void =>
        reject(new ClusterError('CLUSTER_BIND_FAILED', bindFailure(host, port, cause), { cause }));
      server.once('error', failed);
      // Workers of node:cluster would share the port otherwise, and links would reach any of them.
      server.listen({ host, port, exclusive: true }, () => {
        server.off('error', failed);
        // Running out of file descriptors must not end the process; the kernel keeps who waits.
        server.on('error', () => undefined);
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
    return this.binding;
  }

  /** Whoever arrived before waits no longer. */
  open(wiring: Wiring): void {
    const first = this.wiring === undefined;
    this.wiring = wiring;
    if (first) for (const { socket } of this.strangers.values()) this.admit(socket, wiring);
  }

  /** Turns away all who are no peers, and lets nobody in. Resolves when every accepted connection has closed, too. */
  async close(): Promise<void> {
    this.wiring = undefined;
    // A server that is about to listen cannot be closed yet, and would go on to listen (N6).
    await this.binding?.catch(() => undefined);
    for (const { socket } of this.strangers.values()) socket.destroy();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  private arrive(socket: Socket): void {
    this.own(socket);
    socket.on('error', () => socket.destroy());
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    this.makeRoom();
    const path = pathOf(socket);
    const timer = setTimeout(() => this.tooLate(path), this.options.handshakeTimeoutMs);
    const stranger = { socket, path, remote: remoteOf(socket), timer, greeted: false };
    this.strangers.set(path, stranger);
    socket.once('close', () => this.left(stranger));
    if (this.wiring) this.admit(socket, this.wiring);
  }

  private admit(socket: Socket, wiring: Wiring): void {
    if (this.securer.server) this.securer.server.emit('connection', socket);
    else this.greet(socket, wiring);
  }

  private proved(socket: TLSSocket): void {
    const objection = this.securer.objection(socket);
    if (objection) {
      this.reject(objection, `${remoteOf(socket)} did not prove itself`);
      socket.destroy();
    } else if (this.wiring) this.greet(socket, this.wiring);
    else socket.destroy();
  }

  private unproved(error: Error, socket: TLSSocket): void {
    const remote = remoteOf(socket);
    const reason = this.securer.shown(socket) ?? this.securer.fault(error);
    if (reason) {
      this.forget(this.strangers.get(pathOf(socket)));
      const explanation = EXPLANATIONS[reason] ?? String(socket.authorizationError || error.message);
      this.reject(reason, `${remote} ${explanation}`);
    }
    socket.destroy();
  }

  private greet(socket: Socket, { handshakeContext, makeLink }: Wiring): void {
    const link = makeLink(socket);
    const stranger = this.strangers.get(pathOf(socket));
    if (stranger) stranger.greeted = true;
    new Handshake(link, 'listener', handshakeContext, (outcome) => {
      // Who was turned away meanwhile has been counted.
      if (this.forget(stranger)) this.met(outcome, link);
    });
  }

  private met(outcome: HandshakeOutcome, { remote, bytesIn }: Link): void {
    if (outcome.type === 'rejected') this.reject(outcome.reason, outcome.detail);
    else if (outcome.type === 'timedOut')
      this.reject('handshakeTimeout', `${remote} did not finish its handshake`);
    else if (outcome.type === 'closed' && bytesIn > 0)
      this.reject('handshakeInvalid', `${remote} left in the middle of its handshake`);
  }

  /** A health check or a port scan, which only connects, is not worth a word. */
  private left(stranger: Stranger): void {
    if (stranger.greeted || !this.forget(stranger) || stranger.socket.bytesRead === 0) return;
    // A bad certificate is told by TLS only after this.
    if (this.securer.kind === 'certificates') return;
    this.reject('tls', `${stranger.remote} left in the middle of its TLS handshake`);
  }

  private makeRoom(): void {
    const max = this.options.handshakesPendingMax ?? HANDSHAKES_PENDING_MAX;
    if (this.strangers.size < max) return;
    const [oldest] = this.strangers.values();
    if (!oldest) return;
    this.reject('handshakeTimeout', `${oldest.remote} made room: ${max} others are in their handshake`);
    this.forget(oldest);
    oldest.socket.resetAndDestroy();
  }

  private tooLate(path: string): void {
    const stranger = this.strangers.get(path);
    if (!stranger) return;
    const { remote } = stranger;
    this.reject(
      'handshakeTimeout',
      `${remote} did not finish its handshake in ${this.options.handshakeTimeoutMs} ms`,
    );
    this.forget(stranger);
    stranger.socket.resetAndDestroy();
  }

  /** True when it was here until now. */
  private forget(stranger: Stranger | undefined): boolean {
    if (!stranger || this.strangers.get(stranger.path) !== stranger) return false;
    clearTimeout(stranger.timer);
    return this.strangers.delete(stranger.path);
  }

  private reject(reason: RejectReason, detail: string): void {
    this.wiring?.rejected(reason, detail);
  }
}

const EXPLANATIONS: Partial<Record<RejectReason, string>> = {
  otherCluster: 'has a key of another cluster',
  unknownKey: 'has an unknown key: its secrets are none of ours',
  plainText: 'does not speak TLS: it has no secret, or is no node',
};

function pathOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

function remoteOf(socket: Socket): string {
  return socket.remoteAddress === undefined ? 'someone' : `${socket.remoteAddress}:${socket.remotePort ?? 0}`;
}

function bindFailure(host: string, port: number, { code, message }: NodeJS.ErrnoException): string {
  const where = `${host}:${port}`;
  if (code === 'EADDRINUSE')
    return `cannot listen on ${where}: the port is in use, perhaps by another worker of this application; choose another, or 0 for any`;
  if (code === 'EADDRNOTAVAIL') return `cannot listen on ${where}: this machine does not have that address`;
  if (code === 'EACCES') return `cannot listen on ${where}: not permitted; ports below 1024 need privileges`;
  return `cannot listen on ${where}: ${message}`;
}
