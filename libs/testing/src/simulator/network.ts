/**
 * Links between processes, as a kernel and a TCP stack would give them: a dial is opened, refused or left without an
 * answer; a crash closes links while the kernel lives and leaves silence when the host is gone. Frames are bytes.
 */
import type { DialFailure } from '@nest-cluster/core';
import type { Address, Incarnation, NodeInfo } from '@nest-cluster/protocol';
import type { Agenda } from './agenda.js';
import type { Conditions } from './conditions.js';
import type { Host } from './host.js';

/** One end of links: one life of a running process. */
export interface Endpoint {
  readonly host: Host;
  readonly info: NodeInfo;
  /** Where it listens. */
  readonly address: Address;
  readonly ended: boolean;
  /** The process handles nothing now, but its kernel does. */
  readonly halted: boolean;
  opened(peer: NodeInfo): void;
  closed(peer: Incarnation): void;
  dialFailed(address: Address, failure: DialFailure): void;
  frame(from: Incarnation, bytes: Uint8Array): void;
}

/** One direction of a link, as the sending endpoint knows it. */
interface Side {
  readonly peer: Endpoint;
  open: boolean;
  /** When the frame last sent arrives; nothing overtakes it unless the weather reorders. */
  lastArrival: number;
  /** When the last of all frames arrives: the end of the link overtakes none. */
  emptyAt: number;
  /** It seems to carry nothing, so that the next dial replaces it. */
  isDoubted?: boolean;
}

const DIAL_TIMEOUT_MS = 2_000;
/** A handshake with itself tells a process whom it has dialled. */
const SELF_MS = 1;
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 6_000;
const RETRIES_MAX = 8;

export class Network {
  frames = 0;
  bytes = 0;
  /** Told once so many frames were sent. */
  limit = { frames: Number.POSITIVE_INFINITY, reached: (): void => {} };
  private readonly hosts = new Map<Address, Host>();
  private readonly listening = new Map<Address, Endpoint>();
  private readonly sides = new Map<Incarnation, Map<Incarnation, Side>>();
  private readonly dialling = new Set<string>();

  constructor(
    private readonly agenda: Agenda,
    private readonly conditions: Conditions,
  ) {}

  listen(endpoint: Endpoint): void {
    this.hosts.set(endpoint.address, endpoint.host);
    this.listening.set(endpoint.address, endpoint);
    this.sides.set(endpoint.info.incarnation, new Map());
  }

  /** The process is gone. Its kernel tells every peer, unless the host went with it. */
  end(endpoint: Endpoint): void {
    if (this.listening.get(endpoint.address) === endpoint) this.listening.delete(endpoint.address);
    const sides = this.sides.get(endpoint.info.incarnation);
    this.sides.delete(endpoint.info.incarnation);
    for (const side of sides?.values() ?? []) if (side.open) this.tellClosed(endpoint, side);
  }

  dial(from: Endpoint, address: Address): void {
    const key = `${from.info.incarnation}>${address}`;
    if (this.dialling.has(key)) return;
    this.dialling.add(key);
    const deadline = this.agenda.now + DIAL_TIMEOUT_MS;
    const answer = (job: () => void): void => {
      if (!this.dialling.delete(key) || from.ended) return;
      job();
    };
    if (address !== from.address) this.knock(from, address, deadline, answer);
    else this.agenda.in(SELF_MS, () => answer(() => from.dialFailed(address, 'self')));
    this.agenda.at(deadline, () => answer(() => from.dialFailed(address, 'unreachable')));
  }

  send(from: Endpoint, to: Incarnation, bytes: Uint8Array): void {
    this.frames++;
    this.bytes += bytes.length;
    if (this.frames === this.limit.frames) this.limit.reached();
    const side = this.sides.get(from.info.incarnation)?.get(to);
    if (!side?.open || this.conditions.loses()) return;
    this.carry(from, side, bytes);
    if (this.conditions.duplicates()) this.carry(from, side, bytes);
  }

  hangUp(from: Endpoint, to: Incarnation): void {
    const side = this.sides.get(from.info.incarnation)?.get(to);
    if (!side?.open) return;
    side.open = false;
    this.tellClosed(from, side);
    this.agenda.in(0, () => from.closed(to));
  }

  doubt(from: Endpoint, to: Incarnation): void {
    const side = this.sides.get(from.info.incarnation)?.get(to);
    if (side) side.isDoubted = true;
  }

  isOpen(from: Endpoint, peer: Incarnation): boolean {
    return this.sides.get(from.info.incarnation)?.get(peer)?.open === true;
  }

  /** The link between two living processes breaks, as when a middlebox forgets it. */
  reset(one: Endpoint, other: Endpoint): void {
    this.hangUp(one, other.info.incarnation);
    this.hangUp(other, one.info.incarnation);
  }

  private carry(from: Endpoint, side: Side, bytes: Uint8Array): void {
    let arrival = this.agenda.now + this.conditions.delay(from.host.index, side.peer.host.index);
    if (!this.conditions.reorders()) arrival = side.lastArrival = Math.max(arrival, side.lastArrival);
    side.emptyAt = Math.max(side.emptyAt, arrival);
    this.agenda.at(arrival, () => this.arrive(from, side, bytes, 0));
  }

  private arrive(from: Endpoint, side: Side, bytes: Uint8Array, retries: number): void {
    const { peer } = side;
    if (!this.passes(from.host, peer.host)) {
      if (!this.conditions.weather.retransmits || retries === RETRIES_MAX || !side.open) return;
      const wait = Math.min(RETRY_FIRST_MS * 2 ** retries, RETRY_MAX_MS);
      this.agenda.in(wait, () => this.arrive(from, side, bytes, retries + 1));
      return;
    }
    const back = this.sides.get(peer.info.incarnation)?.get(from.info.incarnation);
    if (back?.open) {
      back.isDoubted = false;
      return peer.frame(from.info.incarnation, bytes);
    }
    // The reset comes after what the peer had sent before it closed.
    this.tellClosed(peer, back ?? { peer: from, open: true, lastArrival: 0, emptyAt: 0 });
  }

  /** The kernel of `endpoint` tells the peer of this side that the link is gone. */
  private tellClosed(endpoint: Endpoint, side: Side): void {
    const { peer } = side;
    if (endpoint.host.dark) return;
    const delay = this.conditions.delay(endpoint.host.index, peer.host.index);
    this.agenda.at(Math.max(this.agenda.now + delay, side.emptyAt), () => {
      const back = this.sides.get(peer.info.incarnation)?.get(endpoint.info.incarnation);
      if (!back?.open || peer.ended || !this.passes(endpoint.host, peer.host)) return;
      // A link that was opened again meanwhile is another one.
      if (this.sides.get(endpoint.info.incarnation)?.get(peer.info.incarnation)?.open) return;
      back.open = false;
      peer.closed(endpoint.info.incarnation);
    });
  }

  private knock(from: Endpoint, address: Address, deadline: number, answer: (job: () => void) => void): void {
    const host = this.hosts.get(address);
    if (!host || from.ended) return;
    this.agenda.in(this.conditions.delay(from.host.index, host.index), () => {
      const again = (wait: number): void => {
        if (this.agenda.now + wait >= deadline) return;
        this.agenda.in(wait, () => this.knock(from, address, deadline, answer));
      };
      if (!this.passes(from.host, host)) return again(1_000);
      const peer = this.listening.get(address);
      if (peer?.halted) return again(100);
      this.agenda.in(this.conditions.delay(host.index, from.host.index), () => {
        if (!this.passes(host, from.host)) return again(1_000);
        if (from.halted) return again(100);
        if (!peer) return answer(() => from.dialFailed(address, 'refused'));
        if (!peer.ended) answer(() => this.open(from, peer));
      });
    });
  }

  private open(from: Endpoint, peer: Endpoint): void {
    this.dropDoubted(from, peer);
    this.openSide(from, peer);
    const proved = this.conditions.delay(from.host.index, peer.host.index);
    this.agenda.in(proved, () => {
      if (peer.ended || from.ended) return;
      if (this.passes(from.host, peer.host)) this.openSide(peer, from);
      else if (!this.isOpen(peer, from.info.incarnation)) this.closeLate(from, peer);
    });
  }

  /** The handshake broke after one side took it for done: that side hears of it when its kernel gives up. */
  private closeLate(from: Endpoint, peer: Endpoint): void {
    this.agenda.in(DIAL_TIMEOUT_MS, () => {
      const side = this.sides.get(from.info.incarnation)?.get(peer.info.incarnation);
      if (!side?.open || from.ended || this.isOpen(peer, from.info.incarnation)) return;
      side.open = false;
      from.closed(peer.info.incarnation);
    });
  }

  private dropDoubted(one: Endpoint, other: Endpoint): void {
    const sides = [
      [one, other],
      [other, one],
    ] as const;
    const sideOf = ([from, to]: (typeof sides)[number]): Side | undefined =>
      this.sides.get(from.info.incarnation)?.get(to.info.incarnation);
    if (!sides.some((ends) => sideOf(ends)?.isDoubted)) return;
    for (const ends of sides) {
      const side = sideOf(ends);
      if (!side?.open) continue;
      side.open = false;
      ends[0].closed(ends[1].info.incarnation);
    }
  }

  private openSide(from: Endpoint, peer: Endpoint): void {
    const sides = this.sides.get(from.info.incarnation);
    const known = sides?.get(peer.info.incarnation);
    if (!sides || known?.open) return;
    sides.set(peer.info.incarnation, {
      peer,
      open: true,
      lastArrival: known?.lastArrival ?? 0,
      emptyAt: 0,
    });
    from.opened(peer.info);
  }

  private passes(from: Host, to: Host): boolean {
    return !from.dark && !to.dark && !this.conditions.isCut(from.index, to.index);
  }
}
