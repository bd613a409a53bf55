/**
 * Who leads, as told by the leader itself. Good for status pages and for not disturbing it; never for acting as it (L1).
 */
import type { Leader } from '../event.js';
import { outlasting } from '../instant.js';
import type { NodeInfo } from '../node.js';

export class LeaderHint {
  private leader: Leader | null = null;
  /** Of the latest term heard of, also when it was resigned. */
  private token = 0;
  private until = 0;

  get current(): Leader | null {
    return this.leader;
  }

  isAlive(now: number): boolean {
    return this.leader !== null && now < this.until;
  }

  /**
   * Takes in that `node` leads. Word of a term that is over, by a later one or by its end, is late: it would keep others
   * from standing (L6). Nobody remembers that for longer than the term could have lasted.
   */
  hear(node: NodeInfo, token: number, leaseMs: number, now: number): void {
    const isOver = token < this.token || (token === this.token && this.leader === null);
    if (isOver && now < this.until) return;
    this.token = token;
    this.until = now + outlasting(leaseMs);
    if (this.leader?.token === token && this.leader.node.incarnation === node.incarnation) return;
    this.leader = { node, token };
  }

  resign(token: number): void {
    if (this.token > token) return;
    this.leader = null;
    this.token = token;
  }

  /** The leader is out of sight, and may be heard again. */
  forget(): void {
    this.leader = null;
    this.token = 0;
  }

  expire(now: number): void {
    if (this.leader && now >= this.until) this.leader = null;
  }

  nextDeadline(): number {
    return this.leader ? this.until : Infinity;
  }
}
