/**
 * Which of those that are up have a vote, and which of these keep it silent (L4, L5, M7).
 */
import type { Member } from '../event.js';
import type { Incarnation } from '../node.js';
import { isUp, type Attendance } from './attendance.js';
import type { Elector } from './elector.js';
import type { Electorate } from './electorate.js';
import { isSameStamp, UNSTAMPED, type Stamp } from './roll.js';
import { SilentVoters } from './silent-voters.js';

export class Turnout {
  readonly silent: SilentVoters;
  private readonly voters = new Map<Incarnation, Member>();
  /** The roll by which they were counted. */
  private counted: Stamp = UNSTAMPED;

  constructor(
    private readonly electorate: Electorate,
    private readonly elector: Elector,
    leaseMs: number,
  ) {
    this.silent = new SilentVoters(leaseMs);
  }

  get size(): number {
    return this.voters.size;
  }

  /** How many vote when asked. */
  get voting(): number {
    return this.voters.size - this.silent.size;
  }

  has(incarnation: Incarnation): boolean {
    return this.voters.has(incarnation);
  }

  get(incarnation: Incarnation): Member | undefined {
    return this.voters.get(incarnation);
  }

  /** Takes in that this member came, went, changed, or got or lost its vote. */
  count(member: Member): void {
    const { incarnation } = member.node;
    const was = this.voters.get(incarnation);
    const is = isUp(member) && this.electorate.seat(member.node) !== undefined ? member : undefined;
    this.elector.observe(was, is);
    if (is) this.voters.set(incarnation, is);
    else this.voters.delete(incarnation);
    if (!is) this.silent.went(incarnation);
  }

  /** Who has a vote may have changed with the roll. */
  recount(members: Attendance): void {
    const { roll } = this.electorate;
    if (!roll || isSameStamp(roll, this.counted)) return;
    this.counted = roll;
    for (const member of members.present()) this.count(member);
  }
}
