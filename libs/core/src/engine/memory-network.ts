/**
 * A network within one process, for tests of everything above the wire: the `Transport` port without sockets. Frames arrive
 * in later turns of the event loop, whole and in order. Hosts can be cut off from each other and joined again.
 */
import { ClusterError, type Address, type Incarnation, type NodeInfo } from '@nest-cluster/protocol';
import { contactPoint } from '../ports/contact-point.js';
import type { Transport, TransportCounters, TransportListener } from '../ports/transport.js';
import type { TransportFactory } from './config.js';

export class MemoryNetwork {
  private readonly listening = new Map<string, MemoryTransport>();
  private readonly apart = new Set<string>();
  private lastPort = 10_000;

  /** Give this as `transport` to every control plane of the network. */
  readonly transport: TransportFactory = ({ host, port }) => new MemoryTransport(this, host, port);

  /** Frames between the two hosts are lost from now on, and dials reach nobody; links stay open. */
  cut(a: string, b: string): void {
    this.apart.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  mend(): void {
    this.apart.clear();
  }

  isCut(a: string, b: string): boolean {
    return this.apart.has(`${a} ${b}`);
  }

  bind(transport: MemoryTransport, host: string, wanted: number): number {
    const port = wanted || ++this.lastPort;
    const address = contactPoint(host, port);
    if (this.listening.has(address)) throw new ClusterError('CLUSTER_BIND_FAILED', `${address} is in use`);
    this.listening.set(address, transport);
    return port;
  }

  unbind(address: string): void {
    this.listening.delete(address);
  }

  at(address: string): MemoryTransport | undefined {
    return this.listening.get(address);
  }
}

class MemoryTransport implements Transport {
  private readonly links = new Map<
    Incarnation,
    { readonly far: MemoryTransport; bytesIn: number; bytesOut: number }
  >();
  private readonly dialling = new Set<Address>();
  private address = '';
  private started: { readonly self: NodeInfo; readonly listener: TransportListener } | undefined;

  constructor(
    private readonly network: MemoryNetwork,
    readonly host: string,
    private readonly wanted: number,
  ) {}

  async listen(): Promise<{ readonly port: number }> {
    const port = this.network.bind(this, this.host, this.wanted);
    this.address = contactPoint(this.host, port);
    return { port };
  }

  start(self: NodeInfo, listener: TransportListener): void {
    this.started = { self, listener };
  }

  dial(address: Address): void {
    if (this.dialling.has(address)) return;
    this.dialling.add(address);
    setImmediate(() => {
      this.dialling.delete(address);
      this.connect(address);
    });
  }

  send(to: Incarnation, frame: Uint8Array): void {
    const link = this.links.get(to);
    if (!link || this.network.isCut(this.host, link.far.host)) return;
    link.bytesOut += frame.byteLength;
    setImmediate(() => link.far.receive(this, frame));
  }

  hangUp(incarnation: Incarnation): void {
    const link = this.links.get(incarnation);
    // Frames that were sent before leave before.
    if (link) setImmediate(() => this.unlink(link.far));
  }

  backlog(): number {
    return 0;
  }

  counters(): TransportCounters {
    const links = [...this.links].map(([incarnation, { bytesIn, bytesOut }]) => ({
      incarnation,
      bytesIn,
      bytesOut,
    }));
    const sum = (pick: (link: (typeof links)[number]) => number) =>
      links.reduce((total, link) => total + pick(link), 0);
    return { bytesIn: sum(({ bytesIn }) => bytesIn), bytesOut: sum(({ bytesOut }) => bytesOut), links };
  }

  async close(): Promise<void> {
    this.network.unbind(this.address);
    for (const { far } of this.links.values()) this.unlink(far);
    this.started = undefined;
  }

  private connect(address: Address): void {
    const far = this.network.at(address);
    const [here, there] = [this.started, far?.started];
    if (!here) return;
    if (far && this.network.isCut(this.host, far.host))
      return here.listener.dialFailed(address, 'unreachable');
    if (!far || !there) return here.listener.dialFailed(address, 'refused');
    if (far === this) return here.listener.dialFailed(address, 'self');
    if (this.links.has(there.self.incarnation)) return;
    this.links.set(there.self.incarnation, { far, bytesIn: 0, bytesOut: 0 });
    far.links.set(here.self.incarnation, { far: this, bytesIn: 0, bytesOut: 0 });
    far.started?.listener.opened(here.self);
    here.listener.opened(there.self);
  }

  private receive(from: MemoryTransport, frame: Uint8Array): void {
    for (const [incarnation, link] of this.links) {
      if (link.far !== from) continue;
      link.bytesIn += frame.byteLength;
      this.started?.listener.frame(incarnation, frame);
    }
  }

  private unlink(far: MemoryTransport): void {
    for (const [side, other] of [
      [this, far],
      [far, this],
    ] as const) {
      for (const [incarnation, link] of side.links) {
        if (link.far !== other) continue;
        side.links.delete(incarnation);
        side.started?.listener.closed(incarnation);
      }
    }
  }
}
