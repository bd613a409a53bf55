/**
 * One process in a town: its machine, its links, and what it told its application.
 */
import type { Member, NodeEvent } from '../event.js';
import type { Input } from '../machine.js';
import type { Incarnation, NodeInfo } from '../node.js';
import type { MembershipOptions } from '../options.js';
import type { Random } from '../random.js';
import { Membership } from './membership.js';

export interface Heard {
  readonly at: number;
  readonly event: NodeEvent;
}

export class Dweller {
  readonly events: Heard[] = [];
  readonly links = new Set<Dweller>();
  readonly waiting: Input[] = [];
  readonly sent = new Map<string, number>();
  machine: Membership;
  isAlive = true;
  /** Its host answers: a closed port refuses. */
  hasHost = true;
  isPaused = false;
  tickAt = Infinity;
  wallOffset = 0;
  readonly probed: number[] = [];
  /** Everybody it ever told of, as of the last change. */
  private readonly told = new Map<Incarnation, Member>();

  constructor(
    readonly info: NodeInfo,
    options: MembershipOptions,
    random: Random,
  ) {
    this.machine = new Membership({ self: info, options, random });
  }

  get name(): string {
    return this.info.name;
  }

  /** After each step, as leadership does. */
  follow(): void {
    for (const member of this.machine.takeChanges()) this.told.set(member.node.incarnation, member);
  }

  /** Those that are up for whoever follows the changes alone. */
  followed(): Member[] {
    return [...this.told.values()].filter(({ status }) => status !== 'down' && status !== 'left');
  }

  /** Names that this node holds up, in order. */
  up(): string[] {
    const members = this.machine.members();
    return members
      .filter((member) => !['down', 'left'].includes(member.status))
      .map((member) => member.node.name);
  }

  status(other: Dweller): string | undefined {
    return this.machine.members().find((member) => member.node.incarnation === other.info.incarnation)
      ?.status;
  }

  /** `up b`, `down b failed`, … as far as they are about other nodes coming and going. */
  comings(): string[] {
    return this.events.flatMap(({ event }) => {
      if (event.type === 'nodeUp') return [`up ${event.node.name}`];
      return event.type === 'nodeDown' ? [`down ${event.node.name} ${event.reason}`] : [];
    });
  }

  heard(type: NodeEvent['type']): Heard[] {
    return this.events.filter(({ event }) => event.type === type);
  }

  countSent(): number {
    return [...this.sent.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** Up and down alternate, beginning with `first`, per name. */
export function expectAlternation(node: Dweller, isUpAtFirst: boolean): void {
  const up = new Map<string, boolean>();
  for (const coming of node.comings()) {
    const [what, name = ''] = coming.split(' ');
    const isUp = what === 'up';
    if ((up.get(name) ?? isUpAtFirst) === isUp)
      throw new Error(`${node.name} heard ${node.comings().join(', ')}`);
    up.set(name, isUp);
  }
}
