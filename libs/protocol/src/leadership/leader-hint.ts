/**
 * Who leads, as told by the leader itself. Good for status pages and for not disturbing it; never for acting as it (L1).
 */
import type { Leader } from '../event.js';
import { outlasting } from '../instant.js';
import type { NodeInfo } from '../node.js';

export class LeaderHint {
  private leader: Leader | null = null;
  private until = 0;

  get current(): Leader | null {
    return this.leader;
  }

  isAlive(now: number): boolean {
    return this.leader !== null && now < this.until;
  }

  /** Takes in that `node` leads; word of an older term than the one known is late and does not count. */
  hear(node: NodeInfo, token: number, leaseMs: number, now: number): void {
    if (this.leader && token < this.leader.token) return;
    this.until = now + outlasting(leaseMs);
    if (this.leader?.token === token && this.leader.node.incarnation === node.incarnation) return;
    this.leader = { node, token };
  }

  resign(token: number): void {
    if (this.leader && this.leader.token <= token) this.leader = null;
  }

  expire(now: number): void {
    if (this.leader && now >= this.until) this.leader = null;
  }

  nextDeadline(): number {
    return this.leader ? this.until : Infinity;
  }
}
