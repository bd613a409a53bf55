/**
 * A node that only has a transport, for tests: notes what it is told, and lets a test wait for it.
 */
import { randomBytes } from 'node:crypto';
import type { Address, Incarnation, NodeInfo, NodeName } from '@nest-cluster/protocol';
import type { DialFailure, RejectReason, Transport, TransportListener } from '../ports/transport.js';
import { createTcpTransport, type TcpTransportOptions } from './tcp-transport.js';

const LOOK_MS = 2;
const PATIENCE_MS = 10_000;

/** Resolves once the condition holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

export type PeerOptions = Partial<TcpTransportOptions> & {
  readonly name?: string;
  readonly incarnation?: string;
};

export class Peer implements TransportListener {
  /** `up` and `down` with the names of others, in order. */
  readonly log: string[] = [];
  readonly frames: string[] = [];
  readonly rejections: { readonly reason: RejectReason; readonly detail: string }[] = [];
  readonly failures: { readonly address: Address; readonly failure: DialFailure }[] = [];
  readonly linked = new Map<Incarnation, NodeInfo>();
  drains = 0;
  onFrame: ((from: Incarnation, frame: Uint8Array) => void) | undefined;
  onOpened: ((peer: NodeInfo) => void) | undefined;

  private constructor(
    readonly transport: Transport,
    readonly self: NodeInfo,
  ) {}

  static async listen({ name = 'node', incarnation, ...options }: PeerOptions = {}): Promise<Peer> {
    const transport = createTcpTransport({
      cluster: 'shop',
      host: '127.0.0.1',
      port: 0,
      security: { kind: 'plain' },
      ...options,
    });
    const { port } = await transport.listen();
    return new Peer(transport, {
      name: name as NodeName,
      incarnation: (incarnation?.repeat(32) ?? randomBytes(16).toString('hex')) as Incarnation,
      address: `127.0.0.1:${port}` as Address,
      dataPort: 0,
      startedAt: 1,
      priority: 0,
    });
  }

  start(): void {
    this.transport.start(this.self, this);
  }

  get address(): Address {
    return this.self.address;
  }

  get port(): number {
    return Number(this.address.split(':')[1]);
  }

  get reasons(): RejectReason[] {
    return this.rejections.map(({ reason }) => reason);
  }

  get dialFailures(): DialFailure[] {
    return this.failures.map(({ failure }) => failure);
  }

  dial(other: Peer): void {
    this.transport.dial(other.address);
  }

  isLinkedWith(other: Peer): boolean {
    return this.linked.has(other.self.incarnation);
  }

  say(to: Peer, text: string): void {
    this.transport.send(to.self.incarnation, Buffer.from(text));
  }

  opened(peer: NodeInfo): void {
    if (this.linked.has(peer.incarnation)) throw new Error(`${peer.name} was opened twice`);
    this.linked.set(peer.incarnation, peer);
    this.log.push(`up ${peer.name}`);
    this.onOpened?.(peer);
  }

  closed(incarnation: Incarnation): void {
    const peer = this.linked.get(incarnation);
    if (!peer) throw new Error(`${incarnation} was closed without being open`);
    this.linked.delete(incarnation);
    this.log.push(`down ${peer.name}`);
  }

  dialFailed(address: Address, failure: DialFailure): void {
    this.failures.push({ address, failure });
  }

  frame(from: Incarnation, frame: Uint8Array): void {
    if (!this.linked.has(from)) throw new Error(`a frame from ${from}, which is not linked`);
    this.frames.push(Buffer.from(frame).toString());
    this.onFrame?.(from, frame);
  }

  drained(): void {
    this.drains++;
  }

  rejected(reason: RejectReason, detail: string): void {
    this.rejections.push({ reason, detail });
  }
}

/** Peers that a test starts, closed after it. */
export class Peers {
  private readonly started: Peer[] = [];

  async start(options?: PeerOptions): Promise<Peer> {
    const peer = await this.listen(options);
    peer.start();
    return peer;
  }

  /** Not started yet. */
  async listen(options?: PeerOptions): Promise<Peer> {
    const peer = await Peer.listen(options);
    this.started.push(peer);
    return peer;
  }

  async close(): Promise<void> {
    await Promise.all(this.started.splice(0).map(({ transport }) => transport.close()));
  }
}

/** Dials, and resolves when both sides are linked. */
export async function link(dialler: Peer, other: Peer): Promise<void> {
  dialler.dial(other);
  await linked(dialler, other);
}

export async function linked(one: Peer, other: Peer): Promise<void> {
  await until(
    `${one.self.name} and ${other.self.name} are linked`,
    () => one.isLinkedWith(other) && other.isLinkedWith(one),
  );
}
