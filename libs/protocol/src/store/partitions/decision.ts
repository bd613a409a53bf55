/**
 * How one choice per partition is decided (P4): by the leader, and recorded by a quorum of voters before anybody carries it
 * out. A new leader asks a quorum first what was recorded. This is single-decree Paxos (Lamport 1998) with the fencing token
 * of the leader as ballot; leadership itself sees to it that there is one proposer at a time.
 *
 *   leader's state   request                 surveyed by a quorum     accepted by a quorum   another leader
 *   following        forwarded, or refused
 *   surveying        waits                   deciding                                        following
 *   deciding         proposed, or refused                             decided, answered      following
 */
import type { Incarnation } from '../../node.js';
import type { Core } from '../core.js';
import type { Decree, MessageOf, RefusalCode } from '../message.js';
import { isLinked, type Peer } from '../replication/peers.js';
import { DecreeRecords, isSameChoice, type ChoiceRequest } from './decree-records.js';
import type { Decrees } from './decrees.js';
import type { Partitions } from './partitions.js';
import { ruling } from './ruling.js';

export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
}

type Answer = (refusal: Refusal | null) => void;

interface Proposal {
  readonly decree: Decree;
  readonly accepted: Set<Incarnation>;
  readonly answers: Answer[];
}

type Leading =
  | { readonly type: 'following' }
  | {
      readonly type: 'surveying';
      readonly token: number;
      readonly surveyed: Set<Incarnation>;
      readonly waiting: (readonly [ChoiceRequest, Answer])[];
    }
  | { readonly type: 'deciding'; readonly token: number; readonly proposals: Map<string, Proposal> };

const WAITING_MAX = 64;

export class Decision {
  private leading: Leading = { type: 'following' };
  /** The highest token of a leader that has asked. Older ones record nothing here any more. */
  private promised = 0;
  private readonly records: DecreeRecords;
  private sequence = 0;
  private retryAt = Infinity;

  constructor(
    private readonly core: Core,
    decrees: Decrees,
    partitions: Partitions,
    /** A decree counts: a quorum has recorded it. */
    private readonly decided: (decree: Decree) => void,
  ) {
    this.records = new DecreeRecords(core, decrees, partitions);
  }

  get nextDeadline(): number {
    return this.retryAt;
  }

  /** Repeats what has no answer: a message was lost, or a voter was out of reach. */
  tick(): void {
    const { leading } = this;
    const { mono } = this.core.now;
    if (mono < this.retryAt) return;
    this.retryAt = Infinity;
    if (leading.type === 'surveying')
      this.askAgain({ type: 'survey', token: leading.token }, leading.surveyed);
    if (leading.type !== 'deciding') return;
    for (const { decree, accepted } of leading.proposals.values())
      this.askAgain({ type: 'propose', token: leading.token, decree }, accepted);
  }

  /** This node leads no longer, or in another term. */
  follow(): void {
    const { leading } = this;
    const { leader, config } = this.core;
    if (leading.type === 'following') return;
    if (leader.node === config.self.incarnation && leader.token === leading.token) return;
    const answers =
      leading.type === 'surveying'
        ? leading.waiting.map(([, answer]) => answer)
        : [...leading.proposals.values()].flatMap((proposal) => proposal.answers);
    this.leading = { type: 'following' };
    for (const answer of answers) answer(UNDECIDED);
  }

  /** As the leader: decides, or says what was decided before. */
  request(request: ChoiceRequest, answer: Answer): void {
    const { token } = this.core.leader;
    if (this.leading.type === 'following') {
      this.leading = { type: 'surveying', token, surveyed: new Set(), waiting: [] };
      this.askAgain({ type: 'survey', token }, NOBODY);
    }
    if (this.leading.type === 'deciding') return this.decide(this.leading, request, answer);
    if (this.leading.waiting.length >= WAITING_MAX) return answer(UNDECIDED);
    this.leading.waiting.push([request, answer]);
    this.reviewSurvey();
  }

  survey(peer: Peer, token: number): void {
    if (!this.promises(peer, token)) return;
    this.core.effects.send(peer.node.incarnation, { type: 'surveyed', token, records: this.records.told() });
  }

  surveyed(peer: Peer, { token, records }: MessageOf<'surveyed'>): void {
    const { leading } = this;
    if (leading.type !== 'surveying' || leading.token !== token || !peer.votes) return;
    for (const { decree, ageMs } of records) this.records.add(decree, false, ageMs);
    leading.surveyed.add(peer.node.incarnation);
    this.reviewSurvey();
  }

  propose(peer: Peer, { token, decree }: MessageOf<'propose'>): void {
    if (!this.promises(peer, token)) return;
    this.records.add(decree, false);
    this.core.effects.send(peer.node.incarnation, { type: 'accepted', token, decree: decree.id });
  }

  accepted(peer: Peer, { token, decree: id }: MessageOf<'accepted'>): void {
    const { leading } = this;
    if (leading.type !== 'deciding' || leading.token !== token || !peer.votes) return;
    const proposal = leading.proposals.get(id);
    if (proposal === undefined) return;
    proposal.accepted.add(peer.node.incarnation);
    this.reviewProposal(leading, proposal);
  }

  /** A decree that counts, decided here or elsewhere. */
  note(decree: Decree): void {
    this.records.add(decree, true);
  }

  /**
   * Only to the leader that leadership knows of: a promise to anybody else, for a token that no leader will ever reach, would
   * be the last one. A leader that is not known here yet asks again.
   */
  private promises({ node }: Peer, token: number): boolean {
    const { leader } = this.core;
    if (leader.node !== node.incarnation || leader.token !== token || token < this.promised) return false;
    this.promised = token;
    return true;
  }

  private reviewSurvey(): void {
    const { leading } = this;
    if (leading.type !== 'surveying' || !this.isQuorum(leading.surveyed)) return;
    const { token, waiting } = leading;
    this.promised = Math.max(this.promised, token);
    const deciding = { type: 'deciding', token, proposals: new Map<string, Proposal>() } as const;
    this.leading = deciding;
    // What an earlier leader may have decided is decided so.
    for (const decree of this.records.undecided()) this.start(deciding, decree, []);
    for (const [request, answer] of waiting) this.decide(deciding, request, answer);
  }

  private decide(leading: Leading & { type: 'deciding' }, request: ChoiceRequest, answer: Answer): void {
    const earlier = this.records.earlier(request);
    if (earlier !== undefined) {
      if (!isSameChoice(earlier, request)) return answer(refusalOf(earlier));
      const proposal = leading.proposals.get(earlier.id);
      if (proposal === undefined) answer(null);
      else proposal.answers.push(answer);
      return;
    }
    const { token } = leading;
    if (leading.proposals.size >= WAITING_MAX) return answer(UNDECIDED);
    const decree = ruling(this.core, `${token}-${++this.sequence}`, token, request);
    if (decree === undefined) return answer(NOBODY_KEPT);
    this.start(leading, decree, [answer]);
  }

  private start(leading: Leading & { type: 'deciding' }, decree: Decree, answers: Answer[]): void {
    const proposal: Proposal = { decree, accepted: new Set(), answers };
    this.records.add(decree, false);
    leading.proposals.set(decree.id, proposal);
    this.askAgain({ type: 'propose', token: leading.token, decree }, NOBODY);
    this.reviewProposal(leading, proposal);
  }

  private reviewProposal(
    leading: Leading & { type: 'deciding' },
    { decree, accepted, answers }: Proposal,
  ): void {
    if (!this.isQuorum(accepted)) return;
    leading.proposals.delete(decree.id);
    this.records.add(decree, true);
    this.decided(decree);
    for (const answer of answers) answer(null);
  }

  private isQuorum(others: ReadonlySet<Incarnation>): boolean {
    return others.size + Number(this.core.votes) >= this.core.acks.needed;
  }

  private askAgain(
    message: MessageOf<'survey'> | MessageOf<'propose'>,
    answered: ReadonlySet<Incarnation>,
  ): void {
    const { now, options, effects } = this.core;
    this.retryAt = now.mono + options.clockIntervalMs;
    const to = this.core
      .voters((peer) => isLinked(peer) && !answered.has(peer.node.incarnation))
      .map(({ node }) => node.incarnation);
    if (to.length > 0) effects.push({ type: 'send', to, message });
  }
}

const NOBODY: ReadonlySet<Incarnation> = new Set();

const UNDECIDED: Refusal = {
  code: 'CLUSTER_QUORUM_UNAVAILABLE',
  reason:
    'no leader with a quorum decided the choice; it may still count: look at the partition, and choose again',
};
const NOBODY_KEPT: Refusal = {
  code: 'CLUSTER_QUORUM_UNAVAILABLE',
  reason: 'no node of the side that is to be kept is in reach of the leader; choose again once one is',
};

function refusalOf({ partition, choice }: Decree): Refusal {
  const what = choice.kind === 'merge' ? 'merge' : `keep ${choice.side}`;
  return {
    code: 'CLUSTER_PARTITION_DECIDED',
    reason: `${what} was decided for partition ${partition} already, and is being carried out`,
  };
}
