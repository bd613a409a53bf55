/**
 * From a secured connection to a link with a peer, or to nothing (W6): hello, hello, then one side offers the connection
 * and the other decides (see link-table.ts). Bounded in bytes and in time (W5); who is turned away is told why.
 */
import type { NodeInfo } from '@nest-cluster/protocol';
import type { RejectReason } from '../ports/transport.js';
import { decodeHandshake, encodeHandshake, type GoodbyeReason, type Hello, type Versions } from './hello.js';
import type { Link, LinkFault } from './link.js';
import { OFFER_TIMEOUT_MS } from './limits.js';
import type { LinkTable } from './link-table.js';

/** What this node is able to do beyond the version; none so far. */
const FEATURES: readonly string[] = [];

export interface HandshakeContext {
  readonly self: NodeInfo;
  readonly cluster: string;
  readonly versions: Versions;
  readonly table: LinkTable;
  /** How long the other side may take for each of its steps, in milliseconds. */
  readonly timeoutMs: number;
}

export type HandshakeOutcome =
  /** The connection is the link with this peer, or was not needed, as there is one. */
  | { readonly type: 'linked'; readonly peer: NodeInfo }
  /** The other side is this node. */
  | { readonly type: 'self' }
  | { readonly type: 'rejected'; readonly reason: RejectReason; readonly detail: string }
  | { readonly type: 'timedOut' }
  /** The other side went away. */
  | { readonly type: 'closed'; readonly error: Error | undefined };

export class Handshake {
  private peer: NodeInfo | undefined;
  private isOffered = false;
  private endOffer: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isSettled = false;

  /** @param settled is called once, with what came of it; the link closes by itself unless it is kept */
  constructor(
    private readonly link: Link,
    private readonly role: 'dialler' | 'listener',
    private readonly context: HandshakeContext,
    private readonly settled: (outcome: HandshakeOutcome) => void,
  ) {
    link.serve({
      frame: (frame) => this.receive(frame),
      closed: (fault, error) => this.onClosed(fault, error),
    });
    this.wait();
    if (role === 'dialler') this.greet();
  }

  /** True when this side says which connection becomes the link. */
  private get isDecider(): boolean {
    return this.peer !== undefined && this.context.self.incarnation < this.peer.incarnation;
  }

  private receive(bytes: Buffer): void {
    if (this.isSettled) return;
    const frame = decodeHandshake(bytes, this.context.versions);
    if (frame?.type === 'hello' && !this.peer) return this.meet(frame);
    if (frame?.type === 'foreignHello' && !this.peer) return this.meetForeign(frame.versions);
    if (frame?.type === 'goodbye') return this.turnedAway(frame.reason, frame.detail);
    if (frame?.type === 'ready' && this.peer && this.isDecider) return this.decide(this.peer, frame.link);
    if (frame?.type === 'keep' && this.peer && this.isOffered) return this.keep(this.peer, frame.link);
    if (frame?.type === 'drop' && this.peer && this.isOffered)
      return this.finish({ type: 'linked', peer: this.peer });
    this.refuse('handshakeInvalid', 'what it said is no handshake of a cluster node');
  }

  private greet(): void {
    const { self: node, cluster, versions } = this.context;
    this.link.send(encodeHandshake({ type: 'hello', versions, cluster, features: FEATURES, node }));
  }

  private meet({ node, cluster }: Hello): void {
    const { context } = this;
    if (node.incarnation === context.self.incarnation) {
      this.link.send(encodeHandshake({ type: 'goodbye', reason: 'self', detail: 'this is the same node' }));
      return this.finish({ type: 'self' });
    }
    if (cluster !== context.cluster)
      return this.refuse('otherCluster', `${node.name} is of cluster ${cluster}, not of ${context.cluster}`);
    if (context.table.isFullFor(node.incarnation))
      return this.refuse('tooManyLinks', `no room for a link with ${node.name}`);

    this.peer = node;
    if (this.role === 'listener') this.greet();
    if (!this.isDecider) this.endOffer = context.table.offer(node.incarnation, () => this.offer(node));
    this.wait();
  }

  private meetForeign(theirs: Versions): void {
    const ours = this.context.versions;
    this.refuse(
      'otherVersion',
      `it speaks protocol versions ${theirs.min} to ${theirs.max}, this node ${ours.min} to ${ours.max}`,
    );
  }

  private offer(peer: NodeInfo): void {
    this.isOffered = true;
    this.link.send(encodeHandshake({ type: 'ready', link: this.context.table.numberWith(peer.incarnation) }));
    this.wait(OFFER_TIMEOUT_MS);
  }

  private decide(peer: NodeInfo, theirs: number): void {
    const { table } = this.context;
    const ours = table.numberWith(peer.incarnation);
    if (ours !== 0 && ours === theirs) {
      this.link.send(encodeHandshake({ type: 'drop' }));
      return this.finish({ type: 'linked', peer });
    }
    const link = table.nextNumber();
    this.link.send(encodeHandshake({ type: 'keep', link }));
    this.keep(peer, link);
  }

  private keep(peer: NodeInfo, number: number): void {
    this.settle({ type: 'linked', peer }, () => this.context.table.keep(peer, number, this.link));
  }

  private refuse(reason: RejectReason & GoodbyeReason, detail: string): void {
    this.link.send(encodeHandshake({ type: 'goodbye', reason, detail }));
    this.finish({ type: 'rejected', reason, detail: `${this.link.remote}: ${detail}` });
  }

  private turnedAway(reason: GoodbyeReason, detail: string): void {
    if (reason === 'self') this.finish({ type: 'self' });
    else
      this.finish({
        type: 'rejected',
        reason,
        detail: `${this.link.remote} turned this node away: ${detail}`,
      });
  }

  private onClosed(fault: LinkFault | undefined, error: Error | undefined): void {
    if (fault) this.settle({ type: 'rejected', ...fault });
    else this.settle({ type: 'closed', error });
  }

  private wait(longestMs = Infinity): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.settle({ type: 'timedOut' });
        this.link.destroy();
      },
      Math.min(this.context.timeoutMs, longestMs),
    );
  }

  /** Done with this connection: says goodbye on it. */
  private finish(outcome: HandshakeOutcome): void {
    this.settle(outcome);
    this.link.end();
  }

  private settle(outcome: HandshakeOutcome, keep?: () => void): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    this.settled(outcome);
    keep?.();
    // The next connection on offer must see the link that this one became.
    this.endOffer?.();
  }
}
