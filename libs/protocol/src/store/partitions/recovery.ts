/**
 * How sides find together (P3, P4): the mode, on which all nodes agree, and the choices for partitions that wait. A choice is
 * sent to the leader, which decides; what was decided is told to everybody by everybody, once.
 */
import type { Core } from '../core.js';
import type { Choice, Decree, KnownDecree, MessageOf, RecoveryMode, StoreMessage } from '../message.js';
import type { ClockMessage } from '../replication/clock-exchange.js';
import { isLinked, isTogether, type Peer } from '../replication/peers.js';
import { Decision, type Refusal } from './decision.js';
import { Decrees, incarnationsOf, isOnOne, sideOf } from './decrees.js';
import { wallOf } from '../state/hybrid-time.js';
import type { Partitions } from './partitions.js';

interface Asked {
  readonly id: number;
  readonly until: number;
}

/** A choice that has no answer after so many transfers' time is given up. */
const PATIENCE = 2;

export interface RecoveryListener {
  /** A `keep` came to be known. */
  decreed(decree: Decree, isParty: boolean): void;
  /** Half a copy is void, by what the node that has the rest has done. */
  startAnew(): void;
}

export class Recovery {
  mode: RecoveryMode;
  time = 0;
  readonly decrees: Decrees;
  private readonly decision: Decision;
  /** Decided merges, and the monotonic time at which they came. */
  private readonly merged = new Map<string, number>();
  private readonly asked = new Map<number, Asked>();
  private sequence = 0;

  constructor(
    private readonly core: Core,
    private readonly partitions: Partitions,
    private readonly listener: RecoveryListener,
  ) {
    this.mode = core.options.recovery;
    this.decrees = new Decrees(core);
    this.decision = new Decision(core, this.decrees, partitions, (decree) => this.learn(decree));
  }

  get nextDeadline(): number {
    const [first] = this.asked.values();
    return Math.min(first?.until ?? Infinity, this.decision.nextDeadline);
  }

  choose(mode: RecoveryMode): void {
    const time = Math.max(this.time + 1, this.core.time.next(this.core.now.wall));
    this.adopt(mode, Math.min(time, Number.MAX_SAFE_INTEGER));
  }

  /** Somebody chose a mode, later than anybody else that is known of here. Of two at one time, `manual` counts. */
  adopt(mode: RecoveryMode, time: number): void {
    if (wallOf(time) > this.core.now.wall + FAR_MS) return;
    const isSafer = time > 0 && time === this.time && mode === 'manual' && this.mode !== mode;
    if (time <= this.time && !isSafer) return;
    this.time = time;
    this.core.time.see(time, this.core.now.wall);
    this.tellAll({ type: 'recovery', mode, time });
    if (mode === this.mode) return;
    this.mode = mode;
    this.core.effects.push({ type: 'recoveryChanged', mode });
    if (mode === 'automatic') this.merge(this.core.peers.where(({ relation }) => relation === 'apart'));
  }

  /** A clock came: decides what the peer is to this replica. */
  heard(peer: Peer, message: ClockMessage, isFirst: boolean): void {
    const { core, partitions, decrees } = this;
    this.adopt(message.recovery, message.recoveryTime);
    for (const decree of decrees.unknownTo(peer))
      core.effects.send(peer.node.incarnation, { type: 'decree', decree });
    const isManual = this.mode === 'manual';
    const isJoining = core.phase === 'joining';
    const hasSource = core.peers.where((other) => isTogether(other) && other.phase === 'ready').length > 0;
    // A node without the store has no side yet, and takes that of the first that has one.
    if (isJoining && !hasSource && (core.state.isBlank || message.phase === 'ready')) {
      if (!core.state.isBlank && decrees.hasCancelledWhatIsApplied(peer)) return this.listener.startAnew();
      decrees.adopt(peer);
    }
    const hasSides = !isJoining && message.phase !== 'joining';
    const opposite = decrees.contradicting(peer);
    const isNobodys = isJoining && message.phase === 'joining';
    if (!isManual || isNobodys) for (const id of opposite) decrees.cancel(id);
    const contradicting = hasSides ? opposite : [];
    const me = core.config.self.incarnation;
    const isElsewhere =
      partitions.isSeparated(peer) ||
      (isManual && contradicting.length > 0) ||
      message.apart.some(({ incarnation }) => incarnation === me);
    const wasApart = peer.relation === 'apart';
    const isMet = isElsewhere && (isFirst || contradicting.length > 0);
    if (wasApart || isMet) {
      if (!wasApart) partitions.met(peer, isManual, message.apart);
      if (isManual || peer.relation === 'apart') return;
    } else if (core.phase === 'joining' && isManual && message.phase === 'ready') {
      // What its source is apart from, a node that joins is apart from, too.
      for (const { incarnation } of message.apart) partitions.separate(incarnation);
    }
    core.relate(peer, decrees.equals(peer) ? 'equalDecrees' : 'unequalDecrees');
    // They had met before, and only a decree that one of them had not carried out kept them apart.
    if (isTogether(peer) && partitions.isSeparated(peer)) partitions.merge([peer]);
  }

  resolve(id: number, partitionId: string, choice: Choice): void {
    const { leader, config, now, options, effects, peers } = this.core;
    const partition = this.partitions.find(partitionId);
    if (partition === undefined) return this.refuse(id, this.whyNot(partitionId));
    const sides = partition.sides.map(({ nodes }) => nodes);
    if (choice.kind === 'keep' && sideOf(sides, choice.side) === undefined) {
      const reason = `no node ${choice.side} is on a side of partition ${partitionId}`;
      return this.refuse(id, { code: 'CLUSTER_PARTITION_UNKNOWN', reason });
    }
    const request = ++this.sequence;
    this.asked.set(request, { id, until: now.mono + PATIENCE * options.pullTimeoutMs });
    const asked = { partition: partitionId, choice, sides };
    if (leader.node === config.self.incarnation)
      return this.decision.request(asked, (refusal) => this.answered(request, refusal));
    const peer = leader.node === undefined ? undefined : peers.get(leader.node);
    if (peer === undefined || !isLinked(peer)) return this.answered(request, NO_LEADER);
    effects.send(peer.node.incarnation, { type: 'choose', request, ...asked });
  }

  /** A choice that was made elsewhere, for this node to decide if it leads. */
  asks(peer: Peer, { request, ...choice }: MessageOf<'choose'>): void {
    const { leader, config, effects } = this.core;
    const answer = (refusal: Refusal | null): void =>
      effects.send(peer.node.incarnation, { type: 'chosen', request, refusal });
    if (leader.node !== config.self.incarnation) return answer(NO_LEADER);
    this.decision.request(choice, answer);
  }

  answered(request: number, refusal: Refusal | null): void {
    const asked = this.asked.get(request);
    if (asked === undefined) return;
    this.asked.delete(request);
    if (refusal === null) this.core.effects.push({ type: 'acked', id: asked.id });
    else this.refuse(asked.id, refusal);
  }

  receive(
    peer: Peer,
    message: MessageOf<'survey'> | MessageOf<'surveyed'> | MessageOf<'propose'> | MessageOf<'accepted'>,
  ): void {
    if (message.type === 'survey') this.decision.survey(peer, message.token);
    else if (message.type === 'surveyed') this.decision.surveyed(peer, message);
    else if (message.type === 'propose') this.decision.propose(peer, message);
    else this.decision.accepted(peer, message);
  }

  leaderChanged(): void {
    this.decision.follow();
  }

  /** A decree that counts. */
  learn(decree: Decree): void {
    const isNews = decree.choice.kind === 'merge' ? this.remember(decree.id) : !this.decrees.has(decree);
    if (!isNews) return;
    this.decision.note(decree);
    this.tellAll({ type: 'decree', decree });
    if (decree.choice.kind === 'merge') this.carryOutMerge(decree);
    else this.listener.decreed(decree, this.isParty(decree));
  }

  tick(): void {
    const { mono } = this.core.now;
    this.merge(this.partitions.equal());
    this.decision.tick();
    for (const [request, { until }] of this.asked) if (until <= mono) this.answered(request, NO_LEADER);
  }

  list(): KnownDecree[] {
    return this.decrees.list();
  }

  /**
   * Says whether a merge is news, which all pass on. So what goes round must not be forgotten: then it would be news again, for
   * ever.
   */
  private remember(merge: string): boolean {
    const { mono } = this.core.now;
    if (this.merged.has(merge)) return false;
    const [oldest] = this.merged;
    if (oldest !== undefined && this.merged.size >= MERGES_MAX) {
      const [id, at] = oldest;
      if (at + GOES_ROUND_MS > mono) return false;
      this.merged.delete(id);
    }
    this.merged.set(merge, mono);
    return true;
  }

  private carryOutMerge(decree: Decree): void {
    // A `keep` between the same sides that could not be carried out is void now.
    this.decrees.cancelBetween(decree.sides);
    if (!this.isParty(decree)) return;
    const listed = incarnationsOf(decree.sides);
    this.merge(this.core.peers.where((peer) => peer.relation === 'apart' && isOnOne(listed, peer)));
  }

  /** What two sides do is nothing to a third one, which waits for a choice of its own. */
  private isParty({ sides }: Decree): boolean {
    const { config, peers } = this.core;
    const mates = peers.where(({ relation }) => relation === 'together').map(({ node }) => node.incarnation);
    const listed = incarnationsOf(sides);
    return [config.self.incarnation, ...mates].some((incarnation) => listed.has(incarnation));
  }

  private merge(peers: readonly Peer[]): void {
    for (const peer of peers) for (const id of this.decrees.contradicting(peer)) this.decrees.cancel(id);
    this.partitions.merge(peers);
  }

  private whyNot(partition: string): Refusal {
    const state = this.partitions.list().find(({ id }) => id === partition)?.state;
    if (state === 'copying' || state === 'merging')
      return {
        code: 'CLUSTER_PARTITION_DECIDED',
        reason: `a choice for partition ${partition} was made already, and is being carried out`,
      };
    return { code: 'CLUSTER_PARTITION_UNKNOWN', reason: `no partition ${partition} waits for a choice` };
  }

  private refuse(id: number, { code, reason }: Refusal): void {
    this.core.effects.push({ type: 'failed', id, code, reason });
  }

  private tellAll(message: StoreMessage): void {
    const to = this.core.peers.where(isLinked).map(({ node }) => node.incarnation);
    if (to.length > 0) this.core.effects.push({ type: 'send', to, message });
  }
}

/** No clock is so far ahead, in milliseconds (80 years). A mode chosen at the end of time could never be changed again. */
const FAR_MS = 80 * 365 * 86_400_000;
/** Decided merges that are remembered, so that none is passed on twice. */
const MERGES_MAX = 256;
/** How long a decree may be on its way through the cluster, in milliseconds. */
const GOES_ROUND_MS = 10_000;

const NO_LEADER: Refusal = {
  code: 'CLUSTER_QUORUM_UNAVAILABLE',
  reason: 'a choice is decided by the leader, and no leader is in reach; choose again once there is one',
};
