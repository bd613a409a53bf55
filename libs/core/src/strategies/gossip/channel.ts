/**
 * The sockets of gossip: one that hears the group on every interface, and one per interface that speaks. Several nodes of a
 * host share the port, therefore everything is sent to all: a datagram to the shared port alone would reach only the
 * node that bound it last.
 *
 * Interfaces are looked at anew by every `refresh`. One that cannot be used (no such device, no route) is left out, and
 * tried again next time; `refresh` fails only when none is left.
 */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { GossipInterface } from './interfaces.js';
import { isOnIpv6Alone, presentInterfaces } from './interfaces.js';
import type { GossipSettings } from './settings.js';

export class GossipChannel {
  private receiver: Socket | undefined;
  private readonly speakers = new Map<string, { readonly on: GossipInterface; readonly socket: Socket }>();
  private refreshing: Promise<string | undefined> | undefined;
  private closed = false;

  constructor(
    private readonly settings: GossipSettings,
    private readonly loopbackOnly: boolean,
    private readonly receive: (datagram: Buffer, source: string) => void,
  ) {}

  /** Opens what is not open yet, lets go of interfaces that went away, and answers what is amiss with the others. */
  refresh(): Promise<string | undefined> {
    this.refreshing ??= this.reopen().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async reopen(): Promise<string | undefined> {
    const wanted = this.settings.interfaces;
    const present = presentInterfaces(wanted, this.loopbackOnly);
    const gone = [...this.speakers.keys()].filter((address) => !present.some((on) => on.address === address));
    for (const address of gone) this.drop(address);

    this.receiver ??= await this.openReceiver();
    const isThere = (one: string): boolean => present.some((on) => on.name === one || on.address === one);
    const failures = wanted.filter((one) => !isThere(one)).map((one) => `${one}: not there`);
    if (!this.loopbackOnly && isOnIpv6Alone())
      failures.push('the network is IPv6 alone, which gossip cannot use; take staticHosts() or dns()');
    for (const on of present) {
      try {
        this.join(on);
        if (!this.speakers.has(on.address)) await this.openSpeaker(on);
      } catch (error) {
        failures.push(`${on.name} ${on.address}: ${String(error)}`);
        this.drop(on.address);
      }
    }
    const trouble = failures.join('; ');
    if (this.speakers.size > 0 || this.closed) return trouble || undefined;
    const only = this.loopbackOnly ? ' (only loopback without a secret)' : '';
    throw new Error(`gossip can use no network interface${only}: ${trouble || 'none is there'}`);
  }

  /** One datagram per interface, each made anew, because a copy would look like a replay. */
  send(make: () => Buffer): void {
    const { port, multicastAddress, broadcastOnly } = this.settings;
    for (const { on, socket } of this.speakers.values()) {
      socket.send(make(), port, broadcastOnly ? on.broadcast : multicastAddress, (error) => {
        // Unreachable for now, or gone: the next refresh opens it anew if it is there.
        if (error && this.forget(on.address, socket)) socket.close();
      });
    }
  }

  close(): void {
    this.closed = true;
    for (const address of this.speakers.keys()) this.drop(address);
    this.receiver?.close();
    this.receiver = undefined;
  }

  private async openReceiver(): Promise<Socket | undefined> {
    const { port, multicastAddress, broadcastOnly } = this.settings;
    // Bound to the group, the socket hears the group alone; Windows cannot, and broadcasts come to no group.
    const address = broadcastOnly || process.platform === 'win32' ? '0.0.0.0' : multicastAddress;
    const socket = await this.open(port, address);
    socket?.once('close', () => {
      if (this.receiver === socket) this.receiver = undefined;
    });
    socket?.on('message', (datagram, { address: source }) => {
      if (!this.loopbackOnly || source.startsWith('127.')) this.receive(datagram, source);
    });
    return socket;
  }

  /** On every refresh, as an interface that went and came back has lost its membership without telling. */
  private join(on: GossipInterface): void {
    if (this.settings.broadcastOnly) return;
    try {
      this.receiver?.addMembership(this.settings.multicastAddress, on.address);
    } catch (error) {
      if (!isMemberAlready(error)) throw error;
    }
  }

  private async openSpeaker(on: GossipInterface): Promise<void> {
    const socket = await this.open(0, on.address);
    if (!socket) return;
    this.speakers.set(on.address, { on, socket });
    socket.once('close', () => this.forget(on.address, socket));
    if (this.settings.broadcastOnly) return socket.setBroadcast(true);
    socket.setMulticastInterface(on.address);
    socket.setMulticastTTL(this.settings.ttl);
    socket.setMulticastLoopback(true);
  }

  /** Undefined when the channel was closed meanwhile. A socket that fails later closes itself. */
  private async open(port: number, address: string): Promise<Socket | undefined> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    try {
      socket.bind({ port, address, exclusive: true });
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', () => socket.close());
    if (!this.closed) return socket;
    socket.close();
    return undefined;
  }

  private drop(address: string): void {
    const speaker = this.speakers.get(address);
    this.speakers.delete(address);
    speaker?.socket.close();
  }

  private forget(address: string, socket: Socket): boolean {
    return this.speakers.get(address)?.socket === socket && this.speakers.delete(address);
  }
}

function isMemberAlready(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
}
