/**
 * This node's vote (L4): silent while it may have forgotten an earlier one, then given as the acceptor judges.
 */
import { outlasting, type Instant } from '../instant.js';
import type { LeadershipMessage } from '../message.js';
import type { Incarnation, NodeInfo } from '../node.js';
import { Acceptor } from './acceptor.js';
import type { Electorate } from './electorate.js';
import { Quarantine } from './quarantine.js';

export type Request = Extract<LeadershipMessage, { type: 'prepare' | 'accept' }>;
export type Answer = Extract<LeadershipMessage, { type: 'promise' | 'accepted' | 'reject' }>;

export class Voter {
  readonly acceptor: Acceptor;
  private readonly quarantine: Quarantine;

  constructor(
    self: NodeInfo,
    /** What identifies this vote; undefined when this node has none. */
    readonly seat: string | undefined,
    private readonly leaseMs: number,
    now: number,
  ) {
    this.acceptor = new Acceptor(self.startedAt);
    this.quarantine = new Quarantine(now + outlasting(leaseMs), now);
  }

  isSilent(now: number): boolean {
    return this.quarantine.isSilent(now);
  }

  hearFresh(from: Incarnation, seat: string): void {
    this.quarantine.hear(from, seat);
  }

  /** Ends the silence early when every voter has just started; true when it is time to say that this one has. */
  settle(electorate: Electorate, isUp: (incarnation: Incarnation) => boolean, now: number): boolean {
    if (this.seat === undefined || !this.quarantine.isSilent(now)) return false;
    const isTimeToSay = this.quarantine.isTimeToSay(now);
    if (electorate.isEverybody(this.quarantine.seats(this.seat, isUp))) this.quarantine.release();
    return isTimeToSay;
  }

  /** The answer to a request, or none. */
  answer(request: Request, now: Instant): Answer | undefined {
    if (this.seat === undefined || this.isSilent(now.mono)) return undefined;
    const { ballot } = request;
    const { tokenMax } = this.acceptor;
    const round = request.type === 'accept' ? request.round : 0;
    if (request.type === 'accept' && request.leaseMs > this.leaseMs) {
      // A longer lease than this node's own would outlive the silence that it keeps after a restart.
      return { type: 'reject', ballot, round, promised: 0, tokenMax, blockedMs: 0 };
    }
    const vote =
      request.type === 'prepare'
        ? this.acceptor.prepare(ballot, now.mono)
        : this.acceptor.accept(ballot, request.token, request.leaseMs, now.mono);
    if (!vote.granted) {
      return { type: 'reject', ballot, round, promised: vote.promised, tokenMax, blockedMs: vote.blockedMs };
    }
    return request.type === 'prepare'
      ? { type: 'promise', ballot, tokenMax }
      : { type: 'accepted', ballot, round };
  }

  nextDeadline(proposer: Incarnation, now: number): number {
    const freed = this.acceptor.boundUntil(proposer, now) || Infinity;
    return this.seat === undefined ? Infinity : Math.min(freed, this.quarantine.nextDeadline(now));
  }
}
