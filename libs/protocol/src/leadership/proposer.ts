/**
 * The holder's side of the quorum lease (L1, L3, L4): takes a lease by prepare and accept, renews it by accept alone under
 * the same ballot, and believes in it only as long as the request that won it allows.
 */
import { outlasting, type Instant } from '../instant.js';
import { isHeld, type Lease } from '../machine.js';
import type { Ballot, Roll } from '../message.js';
import type { Incarnation } from '../node.js';
import { isSame } from './ballot.js';
import type { Electorate } from './electorate.js';
import type { Answer, Request } from './voter.js';

/** One poll of the voters under one ballot; a renewal starts in the second phase. */
interface Poll {
  readonly ballot: Ballot;
  readonly phase: 'prepare' | 'accept';
  readonly round: number;
  readonly sentAt: Instant;
  readonly token: number;
  /** Seats, not messages: an answer that comes twice counts once (L4). */
  readonly granted: Set<string>;
  readonly refused: Set<string>;
  /** The roll of voters that it was sent with, and the votes that this took; a newer one never makes fewer do. */
  readonly roll: Roll | undefined;
  readonly quorum: number;
  givesUpAt: number;
}

export interface Term {
  readonly ballot: Ballot;
  readonly token: number;
  readonly lease: Lease;
  readonly renewAt: number;
}

export type Outcome =
  | { readonly type: 'won'; readonly term: Term; readonly renewal: boolean }
  /** `blockedMs`: how long another holder's lease still stands in the way. `bound`: under which votes were asked for in vain. */
  | { readonly type: 'failed'; readonly blockedMs: number; readonly bound?: Ballot };

export interface ProposerOptions {
  readonly leaseMs: number;
  readonly renewMs: number;
}

export class Proposer {
  private poll: Poll | undefined;
  private held: Term | undefined;
  private counter = 0;
  private round = 0;
  private tokenMax = 0;
  private blockedMs = 0;
  private contested = false;

  constructor(
    private readonly self: Incarnation,
    private readonly options: ProposerOptions,
    private readonly electorate: Pick<Electorate, 'quorum' | 'expected' | 'roll' | 'amend' | 'granted'>,
    /** To every voter in reach, this node's own vote included. */
    private readonly ask: (request: Request, now: Instant) => void,
    private readonly done: (outcome: Outcome, now: Instant) => void,
  ) {}

  get term(): Term | undefined {
    return this.held;
  }

  /** Under which votes may be bound to the term that is held: a renewal may be on its way to another ballot. */
  get ballots(): Ballot[] {
    const ballots = [this.held?.ballot, this.poll?.ballot];
    return [...new Set(ballots)].filter((ballot) => ballot !== undefined);
  }

  get isPolling(): boolean {
    return this.poll !== undefined;
  }

  /** Another node asks under this ballot, or holds under it. */
  meet({ counter }: Ballot): void {
    this.counter = Math.max(this.counter, counter);
  }

  /** Asks for the lease from the beginning, above every ballot met so far and above the one that this node's vote is promised to. */
  acquire(now: Instant, promised = 0): void {
    this.counter = Math.max(this.counter, promised) + 1;
    this.tokenMax = 0;
    this.contested = false;
    const ballot = { counter: this.counter, proposer: this.self };
    this.open(ballot, 'prepare', this.held?.token ?? 0, now);
    const { roll } = this.electorate;
    this.ask({ type: 'prepare', ballot, ...(roll && { roll }) }, now);
  }

  /** Extends the lease that is held; from the beginning when the last renewal met a higher ballot. */
  renew(now: Instant): void {
    if (!this.held) return;
    this.held = { ...this.held, renewAt: now.mono + this.options.renewMs };
    if (this.contested) this.acquire(now);
    else this.askToAccept(this.held.ballot, this.held.token, now);
  }

  /** Ends the term on this side, at once. Votes bound to it stay bound until they expire or are released. */
  end(): Term | undefined {
    const ended = this.held;
    this.held = undefined;
    this.poll = undefined;
    return ended;
  }

  answer(seat: string, answer: Answer, now: Instant): void {
    if (answer.type === 'reject') {
      this.counter = Math.max(this.counter, answer.promised);
      this.tokenMax = Math.max(this.tokenMax, answer.tokenMax);
    }
    const poll = this.poll;
    if (!poll || !isSame(poll.ballot, answer.ballot)) return;
    switch (answer.type) {
      case 'promise':
        if (poll.phase === 'prepare') this.onPromise(poll, seat, answer.tokenMax, now);
        return;
      case 'accepted':
        if (poll.phase === 'accept' && poll.round === answer.round) this.onAccepted(poll, seat, now);
        return;
      case 'reject':
        if (answer.round === (poll.phase === 'accept' ? poll.round : 0))
          this.onReject(poll, seat, answer.blockedMs, now);
    }
  }

  /** Gives up a poll that stayed unanswered for too long. */
  settle(now: Instant): void {
    if (this.poll && now.mono >= this.poll.givesUpAt) this.fail(now);
  }

  nextDeadline(): number {
    return this.poll?.givesUpAt ?? Infinity;
  }

  private onPromise(poll: Poll, seat: string, tokenMax: number, now: Instant): void {
    poll.granted.add(seat);
    this.tokenMax = Math.max(this.tokenMax, tokenMax);
    if (!this.isEnough(poll)) return;
    this.askToAccept(poll.ballot, this.held?.token ?? this.tokenMax + 1, now);
  }

  private onAccepted(poll: Poll, seat: string, now: Instant): void {
    poll.granted.add(seat);
    if (!this.isEnough(poll)) return;
    // Votes are bound from when they were given, which is after the request left: counted from there, the holder's
    // deadline comes first on every clock (L4).
    const { leaseMs, renewMs } = this.options;
    const { token } = poll;
    const lease = { until: poll.sentAt.mono + leaseMs, wallUntil: poll.sentAt.wall + leaseMs, token };
    this.electorate.granted(poll.roll);
    if (!isHeld(lease, now)) return this.fail(now);
    const renewal = this.held !== undefined;
    this.held = { ballot: poll.ballot, token, lease, renewAt: poll.sentAt.mono + renewMs };
    this.poll = undefined;
    this.done({ type: 'won', term: this.held, renewal }, now);
  }

  private onReject(poll: Poll, seat: string, blockedMs: number, now: Instant): void {
    poll.refused.add(seat);
    this.contested = true;
    // No lease stands for longer, whatever is said of it (W5).
    this.blockedMs = Math.min(Math.max(this.blockedMs, blockedMs), outlasting(this.options.leaseMs));
    // Who has not answered by the time that somebody refused may be gone: waiting long for its vote delays a failover (L6).
    // A renewal has until the next one.
    if (!this.held) poll.givesUpAt = Math.min(poll.givesUpAt, now.mono + this.options.leaseMs / 20);
    if (this.electorate.expected - poll.refused.size < this.electorate.quorum) this.fail(now);
  }

  private isEnough(poll: Poll): boolean {
    return poll.granted.size >= Math.max(poll.quorum, this.electorate.quorum);
  }

  private askToAccept(ballot: Ballot, token: number, now: Instant): void {
    const leading = this.held !== undefined;
    const { leaseMs } = this.options;
    this.contested = false;
    this.electorate.amend(token, now.mono);
    this.open(ballot, 'accept', token, now);
    const { roll } = this.electorate;
    this.ask(
      { type: 'accept', ballot, round: this.round, token, leaseMs, leading, ...(roll && { roll }) },
      now,
    );
  }

  private open(ballot: Ballot, phase: Poll['phase'], token: number, now: Instant): void {
    this.round += 1;
    this.blockedMs = 0;
    const givesUpAt = now.mono + this.options.leaseMs / 4;
    const { round } = this;
    this.poll = {
      ballot,
      phase,
      round,
      sentAt: now,
      token,
      granted: new Set(),
      refused: new Set(),
      roll: this.electorate.roll,
      quorum: this.electorate.quorum,
      givesUpAt,
    };
  }

  private fail(now: Instant): void {
    const { blockedMs, poll } = this;
    this.poll = undefined;
    const isInVain = !this.held && poll?.phase === 'accept';
    this.done({ type: 'failed', blockedMs, ...(isInVain && { bound: poll.ballot }) }, now);
  }
}
