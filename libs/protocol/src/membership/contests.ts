/**
 * Two processes with one name (T1). The one that came first is probed: if it is gone, the newcomer takes its place at once; if
 * it answers, the one that started later is refused. Settled by direct contact only, never by hearsay.
 */
import type { Claim } from '../message.js';
import { bySeniority, type Incarnation, type NodeInfo } from '../node.js';
import type { Checks } from './checks.js';
import type { Dialer } from './dialer.js';
import type { Ground } from './ground.js';
import { CONTESTS_MAX } from './limits.js';
import type { MemberRecord } from './member-record.js';
import { overrules } from './precedence.js';
import type { PushPull } from './push-pull.js';
import type { Roster } from './roster.js';

type AliveClaim = Claim & { readonly kind: 'alive' };

interface Contest {
  readonly claim: AliveClaim;
  readonly incumbent: MemberRecord;
}

export class Contests {
  private readonly open = new Map<Incarnation, Contest>();

  constructor(
    private readonly ground: Ground,
    private readonly roster: Roster,
    private readonly dialer: Dialer,
    private readonly checks: Checks,
    private readonly pushPull: PushPull,
  ) {}

  /** A newcomer that is linked, and waits for the outcome. */
  isNewcomer(incarnation: Incarnation): boolean {
    return this.open.has(incarnation);
  }

  isIncumbent(record: MemberRecord): boolean {
    for (const contest of this.open.values()) if (contest.incumbent === record) return true;
    return false;
  }

  /** A node that is linked and not up says that it lives: it comes up, unless its name is taken. */
  admit(claim: AliveClaim): void {
    const { table } = this.ground;
    const { name, incarnation, address } = claim.node;
    const incumbent = table.holder(name);
    this.displaceNewcomers(claim.node);
    if (incumbent && incumbent !== table.self && !incumbent.linked && incumbent.node.address === address) {
      // One process at a time listens at an address, so that the one before is gone.
      this.roster.bury(incumbent, { kind: 'dead', node: incumbent.node, version: incumbent.claim.version });
      // Another who waited for that name may have it now.
      return this.admit(claim);
    }
    if (incumbent) return this.begin(claim, incumbent);
    this.open.delete(incarnation);
    const record = table.get(incarnation);
    if (record) return this.readmit(record, claim);
    const member = this.roster.adopt(claim, true);
    if (member) this.pushPull.meet(member, true);
    else this.ground.turn.hangUp(incarnation);
  }

  /** Others may have said meanwhile that it is dead; then it has to object first. */
  private readmit(record: MemberRecord, claim: AliveClaim): void {
    record.linked = true;
    if (overrules(claim, record.claim)) this.roster.revive(record, claim);
    else this.dialer.await(record);
    this.pushPull.meet(record, true);
  }

  /** The holder of a disputed name answered. */
  incumbentAnswered(incumbent: MemberRecord): void {
    for (const contest of this.open.values()) if (contest.incumbent === incumbent) this.settle(contest);
  }

  /** A member went down: its name is free. */
  nameFreed(record: MemberRecord): void {
    for (const contest of this.open.values()) {
      if (contest.incumbent !== record || !this.open.delete(contest.claim.node.incarnation)) continue;
      this.admit(contest.claim);
    }
  }

  unlinked(incarnation: Incarnation): void {
    this.open.delete(incarnation);
  }

  /** Asks the holders anew, after what was asked before is lost. */
  resume(): void {
    for (const { incumbent } of this.open.values()) this.checks.begin(incumbent, 'urgent');
  }

  /** Lets go of everybody who waits for an outcome. */
  abandon(): void {
    for (const incarnation of this.open.keys()) this.ground.turn.hangUp(incarnation);
  }

  /** Tells a node that it must stay out, and lets go of it. */
  refuse(incarnation: Incarnation, holder: NodeInfo): void {
    const { turn, table } = this.ground;
    turn.sendTo(incarnation, { type: 'refuse', reason: 'nameTaken', holder });
    turn.hangUp(incarnation);
    const record = table.get(incarnation);
    if (record) record.linked = false;
  }

  /** Who waited for the same name at the same address is gone, too. */
  private displaceNewcomers({ name, incarnation, address }: NodeInfo): void {
    for (const { node } of Array.from(this.open.values(), ({ claim }) => claim)) {
      if (node.incarnation === incarnation || node.name !== name || node.address !== address) continue;
      this.open.delete(node.incarnation);
      this.ground.turn.hangUp(node.incarnation);
    }
  }

  private begin(claim: AliveClaim, incumbent: MemberRecord): void {
    const { incarnation } = claim.node;
    if (incumbent.node.incarnation === incarnation || this.open.has(incarnation)) return;
    if (this.open.size >= CONTESTS_MAX) return this.ground.turn.hangUp(incarnation);
    this.open.set(incarnation, { claim, incumbent });
    this.checks.begin(incumbent, 'urgent');
  }

  private settle({ claim, incumbent }: Contest): void {
    const newcomer = claim.node;
    if (!this.open.has(newcomer.incarnation)) return;
    if (bySeniority(incumbent.node, newcomer) < 0) {
      this.open.delete(newcomer.incarnation);
      return this.refuse(newcomer.incarnation, incumbent.node);
    }
    this.refuse(incumbent.node.incarnation, newcomer);
    const { version } = incumbent.claim;
    this.roster.bury(incumbent, { kind: 'dead', node: incumbent.node, version });
  }
}
