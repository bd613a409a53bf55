/**
 * Leadership (L1 to L8): an acceptor that votes, a proposer that holds, an elector that decides when to try, and the word
 * that is spread about who leads. Told from outside who is there; sends to voters; never looks at a clock.
 */
import type { Guarantee, Leader, LossReason, Member } from '../event.js';
import { isClockJump, type Instant } from '../instant.js';
import { isHeld, NO_LEASE, type Effect, type Input } from '../machine.js';
import { isLeadershipMessage, type Ballot, type LeadershipMessage, type Roll } from '../message.js';
import type { Incarnation, NodeInfo } from '../node.js';
import type { LeadershipOptions } from '../options.js';
import type { Random } from '../random.js';
import { arrivals, Attendance, departures } from './attendance.js';
import { isMadeUp } from './ballot.js';
import { Bulletin } from './bulletin.js';
import { Elector } from './elector.js';
import { chooseElectorate, type Electorate, type ElectorateConfig } from './electorate.js';
import { LeaderHint } from './leader-hint.js';
import { Post } from './post.js';
import { Proposer, type Outcome } from './proposer.js';
import { Turnout } from './turnout.js';
import { Voter } from './voter.js';

/** Nobody has led for long when it was for so many leases. */
const LEADERLESS_LEASES = 3;

export interface LeadershipConfig extends ElectorateConfig {
  readonly self: NodeInfo;
  readonly options: LeadershipOptions;
  readonly votes?: boolean;
  readonly random: Random;
  /** Everybody known, up or not, in order of name. */
  readonly members: () => readonly Member[];
}

export class Leadership {
  private readonly electorate: Electorate;
  private readonly voter: Voter;
  private readonly bulletin: Bulletin;
  private readonly proposer: Proposer;
  private readonly elector: Elector;
  private readonly hint = new LeaderHint();
  private readonly self: NodeInfo;
  private readonly members: Attendance;
  private readonly turnout: Turnout;
  private readonly post: Post;
  private last: Instant;
  private lagMs = 0;
  private abstainUntil = 0;
  /** When somebody was last known to lead, or this node started. */
  private ledAt: number;
  private toRelease: { readonly ballots: readonly Ballot[]; readonly token: number } | undefined;
  private hasLeft = false;

  constructor(
    private readonly config: LeadershipConfig,
    now: Instant,
  ) {
    const { self, options, random } = config;
    this.self = self;
    this.last = now;
    this.ledAt = now.mono;
    this.members = new Attendance(config.members);
    this.electorate = chooseElectorate(config, now.mono);
    this.post = new Post(self.incarnation, this.members, this.electorate);
    const seat = config.votes === false ? undefined : this.electorate.seat(self);
    this.voter = new Voter(self, seat, options.leaseMs, now.mono);
    this.elector = new Elector(self, random);
    this.turnout = new Turnout(this.electorate, this.elector, options.leaseMs);
    this.proposer = new Proposer(
      self.incarnation,
      options,
      this.electorate,
      (message, at) => this.askVoters(message, at),
      (outcome, at) => this.onOutcome(outcome, at),
    );
    this.bulletin = new Bulletin(this.electorate, config.size);
  }

  get guarantee(): Guarantee {
    return this.electorate.guarantee;
  }

  get expected(): number {
    return this.electorate.expected;
  }

  get quorum(): number {
    return this.electorate.quorum;
  }

  /** Who leads, as far as this node knows. */
  get leader(): Leader | null {
    const { term } = this.proposer;
    return term ? { node: this.self, token: term.token } : this.hint.current;
  }

  /** How many members with a vote are up. */
  get votersUp(): number {
    return this.turnout.size;
  }

  /** Voters that are up and do not vote yet: this node first, if it is one of them (M7). */
  get silentVoters(): readonly Incarnation[] {
    return this.turnout.silent.current;
  }

  /** Takes in how these members are now; those that are not up any more must be among them. */
  observe(changed: readonly Member[], now: Instant): Effect[] {
    const view = this.members.take(changed);
    this.electorate.observe(view, now.mono);
    for (const { is } of view.changes) this.turnout.count(is);
    if (!this.members.has(this.self.incarnation)) this.endTerm('refused');
    const leader = this.leader?.node.incarnation;
    if (departures(view).some(({ node }) => node.incarnation === leader)) this.hint.forget();
    for (const { node } of arrivals(view)) this.welcome(node.incarnation, now);
    return this.settle(now);
  }

  step(input: Input, now: Instant): Effect[] {
    if (this.hasLeft) return [];
    if (isClockJump(this.last, now)) this.endTerm('clockJump');
    this.last = now;
    switch (input.type) {
      case 'message':
        if (isLeadershipMessage(input.message)) this.onMessage(input.from, input.message, now);
        break;
      case 'mainThread':
        this.lagMs = input.lagMs;
        break;
      case 'stepDown':
        this.stepDown('steppedDown', now);
        break;
      case 'workEnded':
        this.giveBack(input.token, now);
        break;
      case 'leave':
        this.stepDown('leaving', now);
        this.hasLeft = true;
        return this.flush();
      default:
    }
    return this.settle(now);
  }

  nextDeadline(): number {
    if (this.hasLeft) return Infinity;
    const now = this.last.mono;
    const { term } = this.proposer;
    return Math.min(
      this.proposer.nextDeadline(),
      term ? Math.min(term.lease.until, this.mayRenew() ? term.renewAt : Infinity) : Infinity,
      this.voter.nextDeadline(this.self.incarnation, now),
      this.electorate.nextDeadline(),
      this.turnout.silent.nextDeadline(),
      this.hint.nextDeadline(),
      this.abstainUntil > now ? this.abstainUntil : Infinity,
      this.leaderlessAt > now ? this.leaderlessAt : Infinity,
      this.elector.nextDeadline(),
    );
  }

  /** When nobody has led for long. */
  private get leaderlessAt(): number {
    return this.leader ? Infinity : this.ledAt + LEADERLESS_LEASES * this.config.options.leaseMs;
  }

  private onMessage(from: Incarnation, message: LeadershipMessage, now: Instant): void {
    if (isMadeUp(message, now.wall)) return;
    const member = this.members.get(from);
    const seat = member && this.electorate.seat(member.node);
    switch (message.type) {
      case 'silence':
        if (seat === undefined) return;
        if (message.leftMs > 0) this.voter.hear(from, seat, message.heard);
        return this.turnout.silent.says(from, message.leftMs, now.mono);
      case 'prepare':
      case 'accept':
        if (message.ballot.proposer !== from) return;
        this.proposer.meet(message.ballot);
        if (message.type === 'accept' && message.leading && member) {
          this.hint.hear(member.node, message.token, message.leaseMs, now.mono);
        }
        return this.reply(from, this.voter.answer(message, this.electorate, now));
      case 'promise':
      case 'accepted':
      case 'reject':
        this.turnout.silent.says(from, 0, now.mono);
        if (message.type === 'reject' && message.roll) this.turnedDown(message.roll, from, now);
        if (seat !== undefined) this.proposer.answer(seat, message, now);
        return;
      case 'release':
        if (message.ballot.proposer === from) this.voter.acceptor.release(message.ballot);
        return;
      case 'leading':
        this.voter.acceptor.learnToken(message.token);
        if (member) this.hint.hear(member.node, message.token, message.leaseMs, now.mono);
        return;
      case 'resigned':
        if (this.hint.current?.node.incarnation !== from) return;
        this.hint.resign(message.token);
        this.elector.passOver(this.turnout.get(from));
    }
  }

  private turnedDown(roll: Roll, by: Incarnation, now: Instant): void {
    this.voter.acceptor.learnToken(roll.term);
    if (!roll.out.includes(this.self.incarnation)) this.electorate.turnedDown(roll, by, now.mono);
  }

  private onOutcome(outcome: Outcome, now: Instant): void {
    if (outcome.type === 'failed') {
      // Votes for an attempt that failed would stand in everybody's way for a whole lease (L6).
      if (outcome.bound) this.askVoters({ type: 'release', ballot: outcome.bound }, now);
      if (!this.proposer.term) this.elector.retry(now.mono, outcome.blockedMs);
      return;
    }
    const { term, renewal } = outcome;
    this.post.lease(term.lease);
    const leading = { type: 'leading', token: term.token, leaseMs: this.config.options.leaseMs } as const;
    // Voters hear of a renewal from the request itself.
    if (renewal) return this.post.toOthers(leading);
    this.post.toAll(leading);
    this.elector.rest();
    this.post.event({ type: 'leadershipAcquired', token: term.token });
  }

  /** Everything that follows from time and from what has changed. */
  private settle(now: Instant): Effect[] {
    const { term } = this.proposer;
    if (term && !isHeld(term.lease, now)) this.endTerm(now.mono < term.lease.until ? 'clockJump' : 'expired');
    this.hint.expire(now.mono);
    if (now.mono >= this.electorate.nextDeadline()) this.electorate.observe(this.members.view, now.mono);
    if (this.leader) this.elector.passOver(undefined);
    if (this.leader) this.ledAt = now.mono;
    this.electorate.leaderless(now.mono >= this.leaderlessAt);
    this.turnout.recount(this.members);
    this.settleVoters(now);
    this.proposer.settle(now);
    if (this.proposer.term) {
      if (now.mono >= this.proposer.term.renewAt && this.mayRenew()) this.proposer.renew(now);
    } else if (!this.mayStand(now)) {
      this.elector.rest();
    } else if (!this.proposer.isPolling && this.elector.isDue(now.mono)) {
      this.elector.begin();
      this.proposer.acquire(now, this.voter.acceptor.promisedCounter);
    }
    return this.flush();
  }

  private settleVoters(now: Instant): void {
    this.turnout.silent.expire(now.mono);
    const self = this.self.incarnation;
    if (this.turnout.has(self)) this.turnout.silent.says(self, this.voter.silentMs(now.mono), now.mono);
    const isUp = (incarnation: Incarnation): boolean => this.members.has(incarnation);
    if (!this.voter.settle(this.electorate.everybody, isUp, now.mono)) return;
    this.turnout.silent.says(self, this.voter.silentMs(now.mono), now.mono);
    this.post.toAll(this.voter.word(now.mono));
  }

  /** A wedged application must lose the lease, so its lag stops the renewal and not the term (L8). */
  private mayRenew(): boolean {
    return this.lagMs < this.config.options.stallMs;
  }

  /** Whether this node may try to lead now: a voter, well, not abstaining, in reach of a quorum that votes, and nobody leads. */
  private mayStand(now: Instant): boolean {
    return (
      this.config.options.candidate &&
      this.voter.seat !== undefined &&
      this.members.has(this.self.incarnation) &&
      this.lagMs < this.config.options.stallMs &&
      now.mono >= this.abstainUntil &&
      !this.voter.isSilent(now.mono) &&
      !this.hint.isAlive(now.mono) &&
      this.voter.acceptor.boundUntil(this.self.incarnation, now.mono) === 0 &&
      this.turnout.voting >= this.electorate.quorum
    );
  }

  private stepDown(reason: LossReason, now: Instant): void {
    const { term } = this.proposer;
    if (!term) return;
    this.toRelease = { ballots: this.proposer.ballots, token: term.token };
    this.abstain(now);
    this.endTerm(reason);
  }

  private abstain(now: Instant): void {
    this.abstainUntil = now.mono + this.config.options.leaseMs;
  }

  private endTerm(reason: LossReason): void {
    const term = this.proposer.end();
    if (!term) return;
    this.post.lease(NO_LEASE);
    this.post.event({ type: 'leadershipLost', token: term.token, reason });
    this.post.toAll({ type: 'resigned', token: term.token });
  }

  /** Release follows the end of the holder's work, and names the exact lease (L4). */
  private giveBack(token: number, now: Instant): void {
    if (this.toRelease?.token !== token) return;
    const { ballots } = this.toRelease;
    this.toRelease = undefined;
    // The others get their chance from here on, however long the work took.
    this.abstain(now);
    for (const ballot of ballots) this.askVoters({ type: 'release', ballot }, now);
  }

  private welcome(incarnation: Incarnation, now: Instant): void {
    if (this.turnout.has(incarnation) && this.config.votes !== false)
      this.turnout.silent.came(incarnation, now.mono);
    const { term } = this.proposer;
    if (term) {
      this.post.send(incarnation, {
        type: 'leading',
        token: term.token,
        leaseMs: this.config.options.leaseMs,
      });
    }
    if (this.voter.seat !== undefined) this.post.send(incarnation, this.voter.word(now.mono));
  }

  private askVoters(message: LeadershipMessage, now: Instant): void {
    this.post.toVoters(message);
    if (message.type === 'release') this.voter.acceptor.release(message.ballot);
    if (message.type !== 'prepare' && message.type !== 'accept') return;
    const own = this.voter.answer(message, this.electorate, now);
    if (own && this.voter.seat !== undefined) this.proposer.answer(this.voter.seat, own, now);
  }

  private reply(to: Incarnation, answer: LeadershipMessage | undefined): void {
    if (answer) this.post.send(to, answer);
  }

  private flush(): Effect[] {
    this.turnout.recount(this.members);
    for (const event of this.bulletin.changes(this.leader)) this.post.event(event);
    return this.post.take();
  }
}
