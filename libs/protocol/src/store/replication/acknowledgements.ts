/**
 * Writes of this node that wait until enough nodes hold them (S1, S2). Peers acknowledge by one number: how far they hold
 * this node's dots without a gap. So the writes of one level wait in the order of their dots, and one comparison per
 * acknowledgement resolves any number of them.
 */
import type { Effects } from '../effects.js';
import type { AckLevel } from '../machine.js';
import { isPresent, type Peers } from './peers.js';

interface Waiting {
  readonly id: number;
  readonly counter: number;
  readonly until: number;
}

/** Resolved writes that may stay at the front of the array before it is cut. */
const SLACK = 1_024;

class Line {
  private waiting: Waiting[] = [];
  private head = 0;

  get size(): number {
    return this.waiting.length - this.head;
  }

  get first(): Waiting | undefined {
    return this.waiting[this.head];
  }

  add(write: Waiting): void {
    this.waiting.push(write);
  }

  take(): Waiting {
    const write = this.waiting[this.head++] as Waiting;
    if (this.head > SLACK && this.head * 2 > this.waiting.length) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
    return write;
  }
}

const descending = (one: number, other: number): number => other - one;

export class Acknowledgements {
  private readonly quorum = new Line();
  private readonly all = new Line();
  /** Used again for each acknowledgement. */
  private readonly held: number[] = [];
  /** How many nodes are a quorum, this one included; not known before the driver has told. */
  needed = Infinity;

  constructor(
    private readonly peers: Peers,
    private readonly effects: Effects,
    private readonly timeoutMs: number,
    /** This node counts for a quorum. */
    private readonly votes: boolean,
  ) {}

  get size(): number {
    return this.quorum.size + this.all.size;
  }

  /** A write with this dot, whose effects are under way. */
  add(id: number, counter: number, level: AckLevel, mono: number): void {
    if (level === 'local' || (level === 'quorum' && this.others <= 0))
      this.effects.push({ type: 'acked', id });
    else {
      const line = level === 'quorum' ? this.quorum : this.all;
      line.add({ id, counter, until: mono + this.timeoutMs });
      if (level === 'all') this.release(line, this.heldByAll());
    }
  }

  /** Somebody holds more, or counts no longer. */
  review(): void {
    if (this.quorum.size > 0) this.release(this.quorum, this.heldByQuorum());
    if (this.all.size > 0) this.release(this.all, this.heldByAll());
  }

  expire(mono: number): void {
    for (const line of [this.quorum, this.all]) {
      for (let first = line.first; first !== undefined && first.until <= mono; first = line.first) {
        line.take();
        this.fail(first.id, 'too few nodes confirmed the write in time; it may still spread');
      }
    }
  }

  failAll(reason: string): void {
    for (const line of [this.quorum, this.all]) while (line.size > 0) this.fail(line.take().id, reason);
  }

  get nextDeadline(): number {
    return Math.min(this.quorum.first?.until ?? Infinity, this.all.first?.until ?? Infinity);
  }

  private fail(id: number, reason: string): void {
    this.effects.push({ type: 'failed', id, code: 'CLUSTER_QUORUM_UNAVAILABLE', reason });
  }

  private release(line: Line, counter: number): void {
    for (let first = line.first; first !== undefined && first.counter <= counter; first = line.first) {
      this.effects.push({ type: 'acked', id: line.take().id });
    }
  }

  /** How many other nodes a quorum takes: this one holds what it has written. */
  private get others(): number {
    return this.needed - Number(this.votes);
  }

  /**
   * The greatest dot that a quorum of distinct nodes holds, this one being the first of them if it counts (S2). A node that is
   * joining may give up what it holds when a choice voids a part of it (P4).
   */
  private heldByQuorum(): number {
    if (this.others <= 0) return Infinity;
    const { held } = this;
    held.length = 0;
    for (const peer of this.peers.all())
      if (peer.votes && isPresent(peer) && peer.phase !== 'joining') held.push(peer.held);
    if (held.length > 1) held.sort(descending);
    return held[this.others - 1] ?? 0;
  }

  private heldByAll(): number {
    let lowest = Infinity;
    for (const peer of this.peers.all()) {
      if (isPresent(peer) && peer.relation !== 'apart' && peer.relation !== 'behind')
        lowest = Math.min(lowest, Math.max(peer.held, peer.since));
    }
    return lowest;
  }
}
