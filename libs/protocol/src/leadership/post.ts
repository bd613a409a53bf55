/**
 * What one step of leadership does to the world: messages to those that are up, the lease, and what the application is told.
 */
import type { NodeEvent } from '../event.js';
import type { Effect, Lease } from '../machine.js';
import type { LeadershipMessage } from '../message.js';
import type { Incarnation } from '../node.js';
import type { Attendance } from './attendance.js';
import type { Electorate } from './electorate.js';

export class Post {
  private effects: Effect[] = [];

  constructor(
    private readonly self: Incarnation,
    private readonly members: Attendance,
    private readonly electorate: Pick<Electorate, 'seat'>,
  ) {}

  send(to: Incarnation, message: LeadershipMessage): void {
    if (to !== this.self) this.effects.push({ type: 'send', to, message });
  }

  toAll(message: LeadershipMessage): void {
    for (const { node } of this.members.present()) this.send(node.incarnation, message);
  }

  toVoters(message: LeadershipMessage): void {
    for (const { node } of this.members.present()) {
      if (this.electorate.seat(node) !== undefined) this.send(node.incarnation, message);
    }
  }

  toOthers(message: LeadershipMessage): void {
    for (const { node } of this.members.present()) {
      if (this.electorate.seat(node) === undefined) this.send(node.incarnation, message);
    }
  }

  lease(lease: Lease): void {
    this.effects.push({ type: 'lease', lease });
  }

  event(event: NodeEvent): void {
    this.effects.push({ type: 'event', event });
  }

  /** Everything since the last call, in order. */
  take(): Effect[] {
    const { effects } = this;
    if (effects.length > 0) this.effects = [];
    return effects;
  }
}
