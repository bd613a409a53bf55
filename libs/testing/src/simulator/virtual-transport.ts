/**
 * The links of one process in the virtual network, for one life. Its kernel takes what comes; the thread handles it when it
 * makes progress.
 */
import type { DialFailure, Transport, TransportCounters, TransportListener } from '@nest-cluster/core';
import type { Address, Incarnation, NodeInfo } from '@nest-cluster/protocol';
import type { Host } from './host.js';
import type { Endpoint, Network } from './network.js';
import type { Thread } from './thread.js';

export class VirtualTransport implements Transport, Endpoint {
  framesSent = 0;
  ended = false;
  private listener: TransportListener | undefined;
  /** Peers that take nothing, so that what is sent to them waits. */
  private readonly stuffed = new Set<Incarnation>();

  constructor(
    readonly info: NodeInfo,
    readonly address: Address,
    readonly host: Host,
    private readonly network: Network,
    private readonly thread: Thread,
  ) {}

  get halted(): boolean {
    return this.thread.halted;
  }

  listen(): Promise<{ readonly port: number }> {
    return Promise.resolve({ port: Number(this.address.split(':').at(-1)) });
  }

  start(_self: NodeInfo, listener: TransportListener): void {
    this.listener = listener;
    this.network.listen(this);
  }

  dial(address: Address): void {
    this.network.dial(this, address);
  }

  send(to: Incarnation, frame: Uint8Array): void {
    this.framesSent++;
    this.network.send(this, to, frame);
  }

  hangUp(incarnation: Incarnation): void {
    this.network.hangUp(this, incarnation);
  }

  doubt(incarnation: Incarnation): void {
    this.network.doubt(this, incarnation);
  }

  backlog(incarnation: Incarnation): number {
    return this.stuffed.has(incarnation) ? Infinity : 0;
  }

  counters(): TransportCounters {
    return { bytesIn: 0, bytesOut: 0, links: [] };
  }

  close(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  /** The process is gone. */
  end(): void {
    this.ended = true;
    this.network.end(this);
  }

  /** This peer takes nothing from now on. */
  stuff(incarnation: Incarnation): void {
    if (this.network.isOpen(this, incarnation)) this.stuffed.add(incarnation);
  }

  /** It has taken everything. */
  drain(incarnation: Incarnation): void {
    if (this.stuffed.delete(incarnation)) this.thread.deliver(() => this.listener?.drained?.(incarnation));
  }

  drainAll(): void {
    for (const incarnation of this.stuffed) this.drain(incarnation);
  }

  opened(peer: NodeInfo): void {
    this.stuffed.delete(peer.incarnation);
    this.thread.deliver(() => this.listener?.opened(peer));
  }

  closed(incarnation: Incarnation): void {
    this.stuffed.delete(incarnation);
    this.thread.deliver(() => this.listener?.closed(incarnation));
  }

  dialFailed(address: Address, failure: DialFailure): void {
    this.thread.deliver(() => this.listener?.dialFailed(address, failure));
  }

  frame(from: Incarnation, bytes: Uint8Array): void {
    this.thread.deliver(() => this.listener?.frame(from, bytes));
  }
}
