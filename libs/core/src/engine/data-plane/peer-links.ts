/**
 * Which nodes the data plane should be linked with, and the dials that see to it: every member that is up, at the host of its
 * control plane and the port that it tells. Both sides dial; the transport keeps one link.
 */
import type { Address, Incarnation, NodeInfo } from '@nest-cluster/protocol';
import { contactPoint, parseContactPoint } from '../../ports/contact-point.js';
import type { Cancel, Surroundings } from '../../ports/surroundings.js';

/** First and longest wait before a member is dialled again, in milliseconds. */
const REDIAL_MIN_MS = 50;
const REDIAL_MAX_MS = 2_000;
/** A dial that ended without a word is repeated after this long, in milliseconds. */
const SILENCE_MS = 5_000;

interface Wanted {
  readonly address: Address;
  isLinked: boolean;
  waitMs: number;
  dialAt: number;
}

export class PeerLinks {
  private readonly wanted = new Map<Incarnation, Wanted>();
  private timer: Cancel | undefined;

  constructor(
    private readonly dial: (address: Address) => void,
    private readonly around: Surroundings,
  ) {}

  /** A node without a data plane is not dialled. */
  want(node: NodeInfo, isLinked: boolean): void {
    const host = parseContactPoint(node.address)?.host;
    if (node.dataPort === 0 || host === undefined) return;
    const address = contactPoint(host, node.dataPort) as Address;
    this.wanted.set(node.incarnation, { address, isLinked, waitMs: REDIAL_MIN_MS, dialAt: 0 });
    this.look();
  }

  forget(incarnation: Incarnation): void {
    this.wanted.delete(incarnation);
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
    peer.dialAt = this.around.mono() + peer.waitMs * this.around.random();
    this.look();
  }

  failed(address: Address): void {
    for (const peer of this.wanted.values()) {
      if (peer.address !== address || peer.isLinked) continue;
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
