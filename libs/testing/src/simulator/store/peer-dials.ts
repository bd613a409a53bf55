/**
 * Which nodes the data plane of a node should be linked with, and the dials that see to it, as the data plane does it: every
 * member that is up, sooner after the first failure than after the tenth.
 */
import type { Address, Incarnation, NodeInfo, Random } from '@nest-cluster/protocol';
import type { Agenda } from '../agenda.js';

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

export class PeerDials {
  private readonly wanted = new Map<Incarnation, Wanted>();
  private lookAt = Infinity;

  constructor(
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly dial: (address: Address) => void,
  ) {}

  want({ incarnation, address }: NodeInfo, isLinked: boolean): void {
    this.wanted.set(incarnation, { address, isLinked, waitMs: REDIAL_MIN_MS, dialAt: 0 });
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
    peer.dialAt = this.agenda.now + peer.waitMs * this.random();
    this.look();
  }

  failed(address: Address): void {
    for (const peer of this.wanted.values()) {
      if (peer.address !== address || peer.isLinked) continue;
      peer.dialAt = this.agenda.now + peer.waitMs * (0.5 + this.random() / 2);
      peer.waitMs = Math.min(peer.waitMs * 2, REDIAL_MAX_MS);
    }
    this.look();
  }

  end(): void {
    this.wanted.clear();
  }

  private look(): void {
    const { now } = this.agenda;
    let next = Infinity;
    for (const peer of this.wanted.values()) {
      if (peer.isLinked) continue;
      if (peer.dialAt <= now) {
        peer.dialAt = now + SILENCE_MS;
        this.dial(peer.address);
      }
      next = Math.min(next, peer.dialAt);
    }
    if (next >= this.lookAt) return;
    this.lookAt = next;
    this.agenda.at(next, () => {
      if (this.lookAt !== next) return;
      this.lookAt = Infinity;
      this.look();
    });
  }
}
