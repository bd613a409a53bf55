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
import type { Choice, Decree, MessageOf, RefusalCode } from '../message.js';
import { isLinked, type Peer } from '../replication/peers.js';
import type { Replica } from '../state/entry.js';
import { counterIn } from '../state/version-vector.js';
import { sideOf, type Decrees } from './decrees.js';
import type { Partitions } from './partitions.js';
import { clockOf, ruling } from './ruling.js';

export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
}

export interface ChoiceRequest {
  readonly partition: string;
  readonly choice: Choice;
  readonly sides: readonly (readonly Replica[])[];
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

interface Recorded {
  readonly decree: Decree;
  /** A quorum has recorded it. */
  readonly isDecided: boolean;
  /** Monotonic time at which it was recorded here. */
  readonly at: number;
}

/**
 * How long a `merge` stands against a contradicting choice, in milliseconds: long enough for all in reach to hear of it, and
 * shorter than it takes to grow apart again. A `keep` changes the replicas instead.
 */
const MERGE_STANDS_MS = 10_000;
const WAITING_MAX = 64;

export class Decision {
  private leading: Leading = { type: 'following' };
  /** The highest token of a leader that has asked. Older ones record nothing here any more. */
  private promised = 0;
  private readonly recorded = new Map<string, Recorded>();
  private sequence = 0;
  private retryAt = Infinity;

  constructor(
    private readonly core: Core,
    private readonly decrees: Decrees,
    private readonly partitions: Partitions,
    /** A decree counts: a quorum has recorded it. */
    private readonly decided: (decree: Decree) => void,
  ) {}

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
    const { mono } = this.core.now;
    const records = [...this.recorded.values()]
      .filter((recorded) => this.stands(recorded))
      .map(({ decree, at }) => ({ decree, ageMs: Math.round(mono - at) }));
    this.core.effects.send(peer.node.incarnation, { type: 'surveyed', token, records });
  }

  surveyed(peer: Peer, { token, records }: MessageOf<'surveyed'>): void {
    const { leading } = this;
    if (leading.type !== 'surveying' || leading.token !== token || !peer.votes) return;
    for (const { decree, ageMs } of records) this.record(decree, false, ageMs);
    leading.surveyed.add(peer.node.incarnation);
    this.reviewSurvey();
  }

  propose(peer: Peer, { token, decree }: MessageOf<'propose'>): void {
    if (!this.promises(peer, token)) return;
    this.record(decree, false);
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
    this.record(decree, true);
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
    for (const recorded of this.recorded.values())
      if (!recorded.isDecided && this.stands(recorded)) this.start(deciding, recorded.decree, []);
    for (const [request, answer] of waiting) this.decide(deciding, request, answer);
  }

  private decide(leading: Leading & { type: 'deciding' }, request: ChoiceRequest, answer: Answer): void {
    const earlier = [...this.recorded.values()].find(
      (recorded) => this.stands(recorded) && isAboutSame(recorded.decree, request),
    );
    if (earlier !== undefined) {
      if (!isSameChoice(earlier.decree, request)) return answer(refusalOf(earlier.decree));
      const proposal = leading.proposals.get(earlier.decree.id);
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

  /** The kept side was gone before it could be copied, so that the choice is open again. */
  private isCancelled({ id }: Decree): boolean {
    if (this.decrees.stateOf(id) === 'cancelled') return true;
    return this.core.peers.where((peer) => isLinked(peer) && peer.decrees.get(id) === 'cancelled').length > 0;
  }

  /** It is about the partition that is there now. The same sides may have found together and grown apart again since. */
  private stands({ decree, isDecided, at }: Recorded): boolean {
    if (this.isCancelled(decree)) return false;
    const isForgotten = isDecided && this.decrees.stateOf(decree.id) === undefined;
    if (decree.choice.kind === 'keep') return !isForgotten && !this.hasMerged(decree);
    const isFresh = this.core.now.mono < at + MERGE_STANDS_MS;
    return isFresh && (this.partitions.metAt(decree.sides) ?? -Infinity) <= at;
  }

  /** Somebody of the kept side has what would be void: the sides have found together without this decree. */
  private hasMerged({ choice, sides, voided }: Decree): boolean {
    if (choice.kind !== 'keep') return false;
    const clock = clockOf(this.core, sideOf(sides, choice.side) ?? []) ?? [];
    const { origins } = this.core.state;
    return voided.some(({ replica, counter }) => counterIn(clock, origins.of(replica).index) > counter);
  }

  private start(leading: Leading & { type: 'deciding' }, decree: Decree, answers: Answer[]): void {
    const proposal: Proposal = { decree, accepted: new Set(), answers };
    this.record(decree, false);
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
    this.record(decree, true);
    this.decided(decree);
    for (const answer of answers) answer(null);
  }

  private record(decree: Decree, isDecided: boolean, ageMs = 0): void {
    const before = this.recorded.get(decree.id);
    if (before?.isDecided === true) return;
    const at = before?.at ?? this.core.now.mono - ageMs;
    this.recorded.set(decree.id, { decree, isDecided, at });
    // As many as fit into the answer to a survey.
    for (const oldest of this.recorded.keys()) {
      if (this.recorded.size <= this.core.options.decreesMax) return;
      this.recorded.delete(oldest);
    }
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

/** Both sides of one have a replica in common with a side of the other. */
function isAboutSame(
  { sides: decreed, partition }: Decree,
  { sides, partition: id }: ChoiceRequest,
): boolean {
  const meets = (some: readonly Replica[] = [], others: readonly Replica[] = []): boolean =>
    some.some((one) =>
      others.some(
        ({ incarnation, generation }) => incarnation === one.incarnation && generation === one.generation,
      ),
    );
  const [a, b] = decreed;
  const [x, y] = sides;
  return (
    (meets(a, x) && meets(b, y)) ||
    (meets(a, y) && meets(b, x)) ||
    (partition === id && meets(a, x) && meets(b, y))
  );
}

function isSameChoice({ choice: one, sides }: Decree, { choice: other }: ChoiceRequest): boolean {
  if (one.kind === 'merge' || other.kind === 'merge') return one.kind === other.kind;
  return sides.some(
    (side) =>
      side.some(({ incarnation }) => incarnation === one.side) &&
      side.some(({ incarnation }) => incarnation === other.side),
  );
}
