/**
 * Which nodes the data plane should be linked with, and the dials that see to it: every member that is up, at the host of its
 * control plane and the port that it tells. Both sides dial; the transport keeps one link.
 */
import type { Address, Incarnation, NodeInfo } from '@nest-cluster/protocol';
import { contactPoint, parseContactPoint } from '../../ports/contact-point.js';
import type { Cancel, Surroundings } from '../../ports/surroundings.js';
import type { DialFailure } from '../../ports/transport.js';

/** First and longest wait before a member is dialled again, in milliseconds. */
const REDIAL_MIN_MS = 50;
const REDIAL_MAX_MS = 2_000;
/** A dial that ended without a word is repeated after this long, in milliseconds. */
const SILENCE_MS = 5_000;
/** A member that is up and cannot be dialled for this long is told of, in milliseconds. */
const UNREACHABLE_MS = 8_000;

interface Wanted {
  readonly node: NodeInfo;
  readonly address: Address;
  isLinked: boolean;
  waitMs: number;
  dialAt: number;
  /** Monotonic time since which it should be linked and is not; Infinity once that was told. */
  missedAt: number;
}

export class PeerLinks {
  private readonly wanted = new Map<Incarnation, Wanted>();
  private timer: Cancel | undefined;

  constructor(
    private readonly dial: (address: Address) => void,
    private readonly around: Surroundings,
    /** Told once until there is a link. */
    private readonly unreachable: (node: NodeInfo, address: Address, failure: DialFailure) => void,
  ) {}

  /** A node without a data plane is not dialled. */
  want(node: NodeInfo, isLinked: boolean): void {
    const host = parseContactPoint(node.address)?.host;
    if (node.dataPort === 0 || host === undefined) return;
    const address = contactPoint(host, node.dataPort) as Address;
    const missedAt = this.around.mono();
    this.wanted.set(node.incarnation, {
      node,
      address,
      isLinked,
      waitMs: REDIAL_MIN_MS,
      dialAt: 0,
      missedAt,
    });
    this.look();
  }

  forget(incarnation: Incarnation): void {
    this.wanted.delete(incarnation);
  }

  /** Its link seems to carry nothing. */
  redial(incarnation: Incarnation): void {
    const peer = this.wanted.get(incarnation);
    if (peer !== undefined) this.dial(peer.address);
  }

  opened(incarnation: Incarnation): void {
    const peer = this.wanted.get(incarnation);
    if (peer === undefined) return;
    peer.isLinked = true;
    peer.waitMs = REDIAL_MIN_MS;
  }

  closed(incarnation: Incarnation): void {
    const peer = this.wanted.get(incarnation);
    if (peer === undefined) return;
    peer.isLinked = false;
    peer.missedAt = this.around.mono();
    peer.dialAt = this.around.mono() + peer.waitMs * this.around.random();
    this.look();
  }

  failed(address: Address, failure: DialFailure): void {
    for (const peer of this.wanted.values()) {
      if (peer.address !== address || peer.isLinked) continue;
      if (this.around.mono() - peer.missedAt >= UNREACHABLE_MS) {
        peer.missedAt = Infinity;
        this.unreachable(peer.node, address, failure);
      }
      peer.dialAt = this.around.mono() + peer.waitMs * (0.5 + this.around.random() / 2);
      peer.waitMs = Math.min(peer.waitMs * 2, REDIAL_MAX_MS);
    }
    this.look();
  }

  end(): void {
    this.wanted.clear();
    this.timer?.();
  }

  private look(): void {
    const now = this.around.mono();
    let next = Infinity;
    for (const peer of this.wanted.values()) {
      if (peer.isLinked) continue;
      if (peer.dialAt <= now) {
        peer.dialAt = now + SILENCE_MS;
        this.dial(peer.address);
      }
      next = Math.min(next, peer.dialAt);
    }
    this.timer?.();
    if (next < Infinity) this.timer = this.around.after(Math.ceil(next - now), () => this.look());
  }
}
