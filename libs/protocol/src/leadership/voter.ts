/**
 * This node's vote (L4): silent while it may have forgotten an earlier one, then given as the acceptor judges.
 */
import { outlasting, type Instant } from '../instant.js';
import type { Gathering, LeadershipMessage, Roll } from '../message.js';
import type { Incarnation, NodeInfo } from '../node.js';
import { Acceptor, type Vote } from './acceptor.js';
import type { Electorate } from './electorate.js';
import { gather } from './gathering.js';
import { Silence } from './silence.js';

export type Request = Extract<LeadershipMessage, { type: 'prepare' | 'accept' }>;
export type Answer = Extract<LeadershipMessage, { type: 'promise' | 'accepted' | 'reject' }>;
type SilenceMessage = Extract<LeadershipMessage, { type: 'silence' }>;

type Phase =
  /** This node has no vote. */
  | { readonly is: 'none' }
  /** It may have voted in an earlier life. */
  | { readonly is: 'silent'; readonly silence: Silence }
  | { readonly is: 'voting' };

type Change = 'released' | 'outlasted';

const NEXT: { readonly [From in Phase['is']]: { readonly [What in Change]: 'none' | 'voting' } } = {
  none: { released: 'none', outlasted: 'none' },
  silent: { released: 'voting', outlasted: 'voting' },
  voting: { released: 'voting', outlasted: 'voting' },
};

/** A vote that is not given: no ballot and no lease stands in the way. */
const WITHHELD: Vote = { granted: false, promised: 0, blockedMs: 0 };

export class Voter {
  readonly acceptor: Acceptor;
  private phase: Phase;
  private readonly self: Incarnation;

  constructor(
    { incarnation, startedAt }: NodeInfo,
    /** What identifies this vote; undefined when this node has none. */
    readonly seat: string | undefined,
    private readonly leaseMs: number,
    now: number,
  ) {
    this.self = incarnation;
    this.acceptor = new Acceptor(startedAt);
    this.phase =
      seat === undefined
        ? { is: 'none' }
        : { is: 'silent', silence: new Silence(incarnation, seat, now + outlasting(leaseMs), now) };
  }

  isSilent(now: number): boolean {
    return this.silentMs(now) > 0;
  }

  /** For how long this vote is silent still, in milliseconds. */
  silentMs(now: number): number {
    return this.phase.is === 'silent' ? Math.max(0, Math.ceil(this.phase.silence.until - now)) : 0;
  }

  hear(from: Incarnation, seat: string, heard: Gathering): void {
    if (this.phase.is === 'silent') this.phase.silence.hear(from, { seat, heard });
  }

  /** Ends the silence when its time has come; true when all others must be told how it stands. */
  settle(everybody: number, isUp: (incarnation: Incarnation) => boolean, now: number): boolean {
    const { phase } = this;
    if (phase.is !== 'silent') return false;
    const { silence } = phase;
    const isTimeToSay = silence.isTimeToSay(now);
    if (now >= silence.until) return this.change('outlasted');
    if (!silence.review(everybody, isUp, now)) return silence.isTimeToSay(now) || isTimeToSay;
    return this.change('released');
  }

  /** How this vote stands, for others. */
  word(now: number): SilenceMessage {
    const heard = this.phase.is === 'silent' ? this.phase.silence.heard : gather([this.self]);
    return { type: 'silence', leftMs: this.silentMs(now), heard };
  }

  /** The answer to a request, or none. */
  answer(request: Request, electorate: Electorate, now: Instant): Answer | undefined {
    if (this.seat === undefined || this.isSilent(now.mono)) return undefined;
    const { ballot } = request;
    const round = request.type === 'accept' ? request.round : 0;
    if (request.roll) this.acceptor.learnToken(request.roll.term);
    const admitted = ballot.proposer === this.self || this.isAdmitted(request.roll, electorate);
    const vote = admitted ? this.judge(request, now.mono) : WITHHELD;
    if (vote.granted) {
      return request.type === 'prepare'
        ? { type: 'promise', ballot, tokenMax: this.acceptor.tokenMax }
        : { type: 'accepted', ballot, round };
    }
    const { promised, blockedMs } = vote;
    const { tokenMax } = this.acceptor;
    const roll = admitted ? undefined : electorate.answer();
    return { type: 'reject', ballot, round, promised, tokenMax, blockedMs, ...(roll && { roll }) };
  }

  nextDeadline(proposer: Incarnation, now: number): number {
    const freed = this.acceptor.boundUntil(proposer, now) || Infinity;
    switch (this.phase.is) {
      case 'none':
        return Infinity;
      case 'silent':
        return Math.min(freed, this.phase.silence.nextDeadline());
      case 'voting':
        return freed;
    }
  }

  /** Who was struck off has no vote there, and takes nothing over from there. */
  private isAdmitted(roll: Roll | undefined, electorate: Electorate): boolean {
    return !roll?.out.includes(this.self) && electorate.admits(roll);
  }

  private judge(request: Request, now: number): Vote {
    if (request.type === 'prepare') return this.acceptor.prepare(request.ballot, now);
    // A longer lease than this node's own would outlive the silence that it keeps after a restart.
    if (request.leaseMs > this.leaseMs) return WITHHELD;
    return this.acceptor.accept(request.ballot, request.token, request.leaseMs, now);
  }

  private change(what: Change): true {
    this.phase = { is: NEXT[this.phase.is][what] };
    return true;
  }
}
