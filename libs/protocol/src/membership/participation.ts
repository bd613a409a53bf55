/**
 * A node that takes part in the cluster: its parts, and what each input means to them. After every input, and only then, it
 * does what is due (T3).
 */
import type { Instant } from '../instant.js';
import type { Input } from '../machine.js';
import type { Claim, MembershipMessage, Message } from '../message.js';
import { bySeniority, type Incarnation, type NodeInfo } from '../node.js';
import type { MembershipOptions } from '../options.js';
import type { Random } from '../random.js';
import { Agenda } from './agenda.js';
import { Checks, type Check } from './checks.js';
import { ClaimIntake } from './claim-intake.js';
import { Contests } from './contests.js';
import { Dialer } from './dialer.js';
import { Disseminator } from './disseminator.js';
import type { Ground } from './ground.js';
import { LocalHealth } from './local-health.js';
import { CONTACTS_MAX } from './limits.js';
import type { MemberRecord } from './member-record.js';
import { Links } from './links.js';
import { MemberTable } from './member-table.js';
import { OwnClaim } from './own-claim.js';
import { Prober } from './prober.js';
import { PushPull } from './push-pull.js';
import { Relays } from './relays.js';
import { Reunion } from './reunion.js';
import { Roster } from './roster.js';
import { Suspicions } from './suspicions.js';
import type { Turn } from './turn.js';
import { Wake } from './wake.js';

export class Participation {
  readonly table: MemberTable;
  private readonly agenda = new Agenda();
  private readonly health = new LocalHealth();
  private readonly disseminator: Disseminator;
  private readonly dialer: Dialer;
  private readonly roster: Roster;
  private readonly suspicions: Suspicions;
  private readonly checks: Checks;
  private readonly relays: Relays;
  private readonly prober: Prober;
  private readonly pushPull: PushPull;
  private readonly contests: Contests;
  private readonly own: OwnClaim;
  private readonly intake: ClaimIntake;
  private readonly links: Links;
  private readonly wake: Wake;

  constructor(
    self: Claim & { readonly kind: 'alive' },
    private readonly options: MembershipOptions,
    random: Random,
    private readonly turn: Turn,
    /** An older, living process has this node's name. */
    private readonly onRefused: (holder: NodeInfo) => void,
  ) {
    this.table = new MemberTable(self, options.membersMax, random);
    this.table.self.upSince = turn.wall;
    const ground: Ground = { options, random, turn, agenda: this.agenda, table: this.table };
    this.disseminator = new Disseminator(ground);
    this.dialer = new Dialer(ground);
    this.roster = new Roster(ground, this.disseminator, this.dialer, new Reunion(ground));
    this.suspicions = new Suspicions(ground, this.roster, this.disseminator);
    this.checks = new Checks(ground, this.disseminator, this.dialer, this.health, {
      answered: (check, how) => this.answered(check, how),
      unanswered: (check) => this.unanswered(check),
      gone: (target) => this.bury(target),
    });
    this.relays = new Relays(ground, this.disseminator, this.dialer);
    this.prober = new Prober(ground, this.checks, this.health);
    this.pushPull = new PushPull(ground, this.disseminator);
    this.contests = new Contests(ground, this.roster, this.dialer, this.checks, this.pushPull);
    this.own = new OwnClaim(ground, this.disseminator, this.roster, this.health);
    this.intake = new ClaimIntake(
      ground,
      this.own,
      this.roster,
      this.suspicions,
      this.checks,
      this.contests,
      this.dialer,
      this.health,
    );
    const { roster, dialer, checks, relays, contests, pushPull } = this;
    this.links = new Links(ground, roster, dialer, checks, relays, contests, pushPull, onRefused);
    this.wake = new Wake(ground, this.own, checks, relays, this.suspicions, contests);
    this.roster.onCleared = (record) => this.suspicions.drop(record);
    this.roster.onDown = (record) => {
      this.suspicions.drop(record);
      this.checks.drop(record);
      this.contests.nameFreed(record);
    };
    this.prober.start();
  }

  handle(input: Input, now: Instant): void {
    this.wake.notice(now);
    this.take(input);
    this.agenda.ringDue(now.mono);
    this.disseminator.flush();
  }

  nextDeadline(): number {
    return this.agenda.next();
  }

  /** Says goodbye to everybody; nothing else is said after it (M5, D4). */
  leave(): void {
    const { table, turn } = this;
    const { node, claim } = table.self;
    const left: Claim = { kind: 'left', node, version: claim.version };
    table.hold(table.self, left);
    for (const other of table.others) turn.send(other, { type: 'gossip', claims: [left] });
  }

  /** Gives the cluster up: tells everybody that this node is out, and lets go of them. */
  abandon(): NodeInfo[] {
    const { table, turn } = this;
    const nodes = table.others.map((record) => record.node);
    for (const node of nodes) turn.event({ type: 'nodeDown', node, reason: 'left' });
    const { node, version } = table.self.claim;
    for (const linked of table.linked()) {
      turn.send(linked, { type: 'gossip', claims: [{ kind: 'dead', node, version }] });
      turn.hangUp(linked.node.incarnation);
    }
    this.contests.abandon();
    return nodes;
  }

  /** A link that was open before this node took part. */
  opened(peer: NodeInfo): void {
    this.links.opened(peer);
  }

  private take(input: Input): void {
    switch (input.type) {
      case 'contacts':
        for (const address of input.addresses.slice(0, CONTACTS_MAX)) this.dialer.contact(address);
        return;
      case 'linkOpened':
        return this.links.opened(input.peer);
      case 'linkClosed':
        return this.links.closed(input.incarnation);
      case 'dialFailed':
        return this.links.dialFailed(input.address, input.refused);
      case 'message':
        return this.receive(input.from, input.message);
      case 'mainThread':
        return this.own.lag(input.lagMs);
    }
  }

  private receive(from: Incarnation, message: Message): void {
    const record = this.table.get(from);
    if (message.type === 'refuse') return this.refused(message.holder);
    if (this.contests.isNewcomer(from) && message.type === 'probe') this.acknowledge(from, message.seq, []);
    if (!record || record === this.table.self) return;
    this.turn.from = record;
    if (record.claim.kind === 'left') return this.objects(record, message);
    this.roster.hear(record);
    if (message.type !== 'ack') this.checks.heard(record);
    if (!isMembershipMessage(message)) return;
    for (const claim of message.claims) this.intake.take(claim, record);
    this.respond(record, message);
  }

  /** A node that is held to have left has no say, except that it is there. */
  private objects(record: MemberRecord, message: Message): void {
    if (!isMembershipMessage(message)) return;
    for (const claim of message.claims)
      if (claim.node.incarnation === record.node.incarnation) this.intake.take(claim, record);
  }

  private respond(
    record: MemberRecord,
    message: Exclude<MembershipMessage, { readonly type: 'refuse' }>,
  ): void {
    switch (message.type) {
      case 'probe':
        this.pushPull.compare(record, message.digest);
        if (record.linked)
          this.acknowledge(record.node.incarnation, message.seq, this.disseminator.claimsFor(record));
        return;
      case 'ack':
        this.pushPull.compare(record, message.digest);
        if (!this.checks.acked(message.seq, record)) this.relays.acked(message.seq, record);
        return this.checks.heard(record);
      case 'indirectProbe':
        return this.relays.ask(record, message);
      case 'indirectAck':
        return this.checks.relayed(record, message);
      case 'sync':
        if (message.reply) this.pushPull.answer(record);
        return;
    }
  }

  private acknowledge(to: Incarnation, seq: number, claims: readonly Claim[]): void {
    const { digest } = this.table;
    this.turn.sendTo(to, { type: 'ack', seq, digest, lagMs: this.own.lagMs, claims });
  }

  private refused(holder: NodeInfo): void {
    const { node } = this.table.self;
    if (holder.name !== node.name || holder.incarnation === node.incarnation) return;
    if (bySeniority(holder, node) < 0) this.onRefused(holder);
  }

  private answered(check: Check, how: 'ack' | 'heard' | 'link' | 'relay'): void {
    const { target } = check;
    const isSilent = this.turn.mono - target.heardAt > this.options.suspicionMs;
    if (how === 'relay' && (!target.linked || isSilent)) this.roster.see(target, false);
    // It lives, and its link carries nothing, so that another one is tried.
    if (how === 'relay' && target.linked && isSilent) this.redial(target);
    this.contests.incumbentAnswered(target);
  }

  private redial(record: MemberRecord): void {
    if (this.turn.mono < record.redialAt) return;
    record.redialAt = this.turn.mono + this.options.syncIntervalMs;
    this.turn.redial(record.node);
  }

  private unanswered(check: Check): void {
    const { target } = check;
    if (this.contests.isIncumbent(target)) return this.bury(target);
    this.roster.see(target, false);
    this.suspicions.accuse(target, target.claim.version, this.table.self.node.incarnation);
    if (check.reason === 'turn') this.prober.sweep(check.since);
  }

  private bury(record: MemberRecord): void {
    this.roster.bury(record, { kind: 'dead', node: record.node, version: record.claim.version });
  }
}

function isMembershipMessage(
  message: Message,
): message is Exclude<MembershipMessage, { readonly type: 'refuse' }> {
  return 'claims' in message;
}
