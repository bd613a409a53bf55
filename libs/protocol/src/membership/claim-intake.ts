/**
 * Weighs the claims that messages bring. What third parties say is believed by version (precedence), with three exceptions:
 * a name that is taken is settled by direct contact (T1), a death by one's own ears when there is a link, and a node that is
 * leaving has no say (M5).
 */
import { isPlausible } from '../instant.js';
import type { Claim } from '../message.js';
import type { Checks } from './checks.js';
import type { Contests } from './contests.js';
import type { Dialer } from './dialer.js';
import type { Ground } from './ground.js';
import type { LocalHealth } from './local-health.js';
import { alive, isUp, type MemberRecord } from './member-record.js';
import type { OwnClaim } from './own-claim.js';
import { overrules } from './precedence.js';
import type { Roster } from './roster.js';
import type { Suspicions } from './suspicions.js';

type AliveClaim = Claim & { readonly kind: 'alive' };
type SuspectClaim = Claim & { readonly kind: 'suspect' };
type GoneClaim = Claim & { readonly kind: 'dead' | 'left' };

/** About how many nodes look for themselves when they hear of a suspicion. */
const WITNESSES = 16;

export class ClaimIntake {
  constructor(
    private readonly ground: Ground,
    private readonly own: OwnClaim,
    private readonly roster: Roster,
    private readonly suspicions: Suspicions,
    private readonly checks: Checks,
    private readonly contests: Contests,
    private readonly dialer: Dialer,
    private readonly health: LocalHealth,
  ) {}

  take(heard: Claim, from: MemberRecord): void {
    const { table, turn } = this.ground;
    if (heard.node.incarnation === table.self.node.incarnation) return this.own.hear(heard);
    if (!isPlausible(heard.version, turn.wall)) return;
    // What is known first-hand about a node stays, whatever others say of it.
    const record = table.get(heard.node.incarnation);
    const claim = record && record.node !== heard.node ? { ...heard, node: record.node } : heard;
    if (claim.node.name === table.self.node.name) return this.namesake(claim);
    switch (claim.kind) {
      case 'alive':
        return this.lives(claim, record, from);
      case 'suspect':
        return this.isAccused(claim, record);
      case 'dead':
      case 'left':
        return this.isGone(claim, record, from);
    }
  }

  /** Someone else with this node's name: only meeting it decides. */
  private namesake(claim: Claim): void {
    if (claim.kind === 'alive' || claim.kind === 'suspect') this.dialer.contact(claim.node.address);
  }

  private lives(claim: AliveClaim, record: MemberRecord | undefined, from: MemberRecord): void {
    if (record && !overrules(claim, record.claim)) return;
    if (record && isUp(record)) return this.roster.renew(record, claim);
    if (record && record === from && record.linked) return this.contests.admit(claim);
    if (this.ground.table.holder(claim.node.name)) return this.dialer.contact(claim.node.address);
    if (record) this.roster.revive(record, claim);
    else this.roster.adopt(claim, false);
  }

  private isAccused(claim: SuspectClaim, known: MemberRecord | undefined): void {
    const { table, random } = this.ground;
    if (table.get(claim.by)?.claim.kind === 'left') return;
    const record = this.upAt(claim, known);
    if (!record || claim.version < record.claim.version) return;
    const isNews = record.claim.kind === 'alive' || claim.version > record.claim.version;
    this.suspicions.accuse(record, claim.version, claim.by);
    if (isNews && random() < WITNESSES / table.size()) this.checks.begin(record, 'hint');
  }

  /** The member that a suspicion is about; its version shows that it was up, if that is news. */
  private upAt(claim: SuspectClaim, record: MemberRecord | undefined): MemberRecord | undefined {
    const { table } = this.ground;
    const { node, version } = claim;
    if (record && (isUp(record) || !overrules(claim, record.claim))) return isUp(record) ? record : undefined;
    if (table.holder(node.name)) {
      this.dialer.contact(node.address);
      return undefined;
    }
    if (record) this.roster.revive(record, alive(node, version, false));
    else this.roster.adopt(alive(node, version, false), false);
    return table.get(node.incarnation);
  }

  private isGone(claim: GoneClaim, record: MemberRecord | undefined, from: MemberRecord): void {
    if (!record) return this.roster.learn(claim);
    if (!overrules(claim, record.claim)) return;
    const isDead = claim.kind === 'dead';
    if (isDead && !isUp(record)) this.ground.table.hold(record, claim);
    else if (isDead && from !== record && this.isHeard(record)) this.doubt(record, claim.version, from);
    else this.roster.bury(record, claim);
  }

  private isHeard(record: MemberRecord): boolean {
    const { turn, options } = this.ground;
    return record.linked && turn.mono - record.heardAt < options.suspicionMs;
  }

  private doubt(record: MemberRecord, version: number, from: MemberRecord): void {
    const patienceMs = this.ground.options.probeTimeoutMs * 2 * this.health.stretch();
    this.suspicions.doubt(record, version, from.node.incarnation, patienceMs);
    this.checks.begin(record, 'hint');
  }
}
