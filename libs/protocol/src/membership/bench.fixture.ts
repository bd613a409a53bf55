/**
 * One membership machine on a bench: the test says what its peers say, and sees what it would do.
 */
import type { Effect, Input } from '../machine.js';
import type { Claim, MembershipMessage } from '../message.js';
import type { Address, Incarnation, NodeInfo, NodeName } from '../node.js';
import { MEMBERSHIP_DEFAULTS } from '../options.js';
import { seededRandom } from '../random.js';
import { Membership } from './membership.js';

export const MEMBERS_MAX = 50;

export function nodeInfo(index: number, name = `n${index}`): NodeInfo {
  return {
    name: name as NodeName,
    incarnation: index.toString(16).padStart(32, '0') as Incarnation,
    address: `h${index}:1` as Address,
    dataPort: 0,
    startedAt: index,
    priority: 0,
  };
}

export class Bench {
  now = 1_000;
  readonly self = nodeInfo(0);
  readonly machine: Membership;

  constructor(seed = 1) {
    const options = { ...MEMBERSHIP_DEFAULTS, membersMax: MEMBERS_MAX };
    this.machine = new Membership({ self: this.self, options, random: seededRandom(seed) });
    this.give({ type: 'start' });
  }

  give(input: Input): Effect[] {
    return this.machine.step(input, { mono: this.now, wall: this.now });
  }

  hear(from: NodeInfo, message: MembershipMessage): Effect[] {
    return this.give({ type: 'message', from: from.incarnation, message });
  }

  gossip(from: NodeInfo, ...claims: Claim[]): Effect[] {
    return this.hear(from, { type: 'gossip', claims });
  }

  link(node: NodeInfo): void {
    this.give({ type: 'linkOpened', peer: node });
  }

  statusOf(node: NodeInfo): string | undefined {
    return this.machine.members().find((member) => member.node.incarnation === node.incarnation)?.status;
  }

  /** Lets time pass, and does what is due; what came of it. */
  pass(ms: number): Effect[] {
    const effects: Effect[] = [];
    const end = this.now + ms;
    while (this.machine.nextDeadline() <= end) {
      this.now = Math.max(this.now, this.machine.nextDeadline());
      effects.push(...this.give({ type: 'tick' }));
    }
    this.now = end;
    return effects;
  }
}
