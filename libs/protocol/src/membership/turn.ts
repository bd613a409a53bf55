/**
 * One step as all parts share it: the reading of the clocks it was given, whose message it handles, and the effects so far (T2).
 */
import type { NodeEvent } from '../event.js';
import type { Instant } from '../instant.js';
import type { Effect } from '../machine.js';
import type { MembershipMessage } from '../message.js';
import type { Address, Incarnation, NodeInfo } from '../node.js';
import type { MemberRecord } from './member-record.js';

/** What membership asks of whoever drives it. */
export class Turn {
  mono = 0;
  wall = 0;
  /** The member whose message this step handles; it needs not be told what it just said. */
  from: MemberRecord | null = null;
  private effects: Effect[] = [];
  private sequence = 0;

  begin(now: Instant): void {
    this.mono = now.mono;
    this.wall = now.wall;
    this.from = null;
  }

  end(): Effect[] {
    const effects = this.effects;
    this.effects = [];
    return effects;
  }

  /** A number that tells this node's probes apart. */
  number(): number {
    this.sequence = (this.sequence + 1) >>> 0;
    return this.sequence;
  }

  send(to: MemberRecord, message: MembershipMessage): void {
    if (to.linked) this.sendTo(to.node.incarnation, message);
  }

  sendTo(incarnation: Incarnation, message: MembershipMessage): void {
    this.effects.push({ type: 'send', to: incarnation, message });
  }

  dial(address: Address): void {
    this.effects.push({ type: 'dial', address });
  }

  hangUp(incarnation: Incarnation): void {
    this.effects.push({ type: 'hangUp', incarnation });
  }

  redial({ incarnation, address }: NodeInfo): void {
    this.effects.push({ type: 'redial', incarnation, address });
  }

  event(event: NodeEvent): void {
    this.effects.push({ type: 'event', event });
  }

  probed(incarnation: Incarnation, roundTripMs: number): void {
    this.effects.push({ type: 'probed', incarnation, roundTripMs });
  }
}
