// Stands in until membership is written (its author replaces this file): only the shape that node-machine.ts needs.
import type { Member, NodeEvent } from '../event.js';
import type { Instant } from '../instant.js';
import type { Effect, Input } from '../machine.js';
import type { NodeInfo } from '../node.js';
import type { MembershipOptions } from '../options.js';
import type { Random } from '../random.js';

export type MembershipEffect = Effect;

export class Membership {
  constructor(readonly config: { self: NodeInfo; options: MembershipOptions; random: Random }) {}
  step(_input: Input, _now: Instant): MembershipEffect[] {
    return [] as { type: 'event'; event: NodeEvent }[];
  }
  nextDeadline(): number {
    return Infinity;
  }
  members(): readonly Member[] {
    return [];
  }
  isRefused(): boolean {
    return false;
  }
}
