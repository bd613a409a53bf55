/**
 * The exchange of clocks, which is the store's anti-entropy (S8): on contact, and every `clockIntervalMs`. Equal clocks say
 * that two stores are equal. What is only on its way is not fetched: new writes come from their writer.
 */
import type { Incarnation } from '../../node.js';
import type { Core } from '../core.js';
import type { KnownDecree, MessageOf, RecoveryMode } from '../message.js';
import { compareReplicas, type Replica } from '../state/entry.js';
import { ReplicaList } from '../state/origins.js';
import { counterIn } from '../state/version-vector.js';
import { forgetReplica, isLinked, isTogether, type Peer } from './peers.js';
import type { Stream } from './stream.js';
import type { TransferReceiver } from './transfer-receiver.js';

export type ClockMessage = MessageOf<'clock'>;

/**
 * Every so many rounds a clock says everything, in case that several were lost; the more rarely the more there is to say: a
 * cluster whose nodes were restarted for years has met many replicas, and there is no news of them.
 */
const FULL_ROUNDS = 20;
const ORIGINS_PER_ROUND = 8;
/** While there is nothing to tell, a clock goes out only every so many rounds: an idle store costs next to nothing. */
const CALM_ROUNDS = 5;

export interface ClockListener {
  /** Decides what the peer is to this replica, before anything else of its clock counts (P3, P4). */
  heard(peer: Peer, message: ClockMessage, isFirst: boolean): void;
  apart(): readonly Replica[];
  decrees(): readonly KnownDecree[];
  recovery(): { readonly mode: RecoveryMode; readonly time: number };
}

export class ClockExchange {
  private nextRound = Infinity;
  private round = 0;
  private meetsTold = '';
  private fullAt = FULL_ROUNDS;

  constructor(
    private readonly core: Core,
    private readonly stream: Stream,
    private readonly receiver: TransferReceiver,
    private readonly listener: ClockListener,
  ) {}

  get nextDeadline(): number {
    let next = this.nextRound;
    for (const { lateAt } of this.core.peers.all()) if (lateAt !== undefined) next = Math.min(next, lateAt);
    return next;
  }

  start(): void {
    const { now, options, config } = this.core;
    this.nextRound = now.mono + options.clockIntervalMs * (0.5 + config.random() / 2);
  }

  /** Tells everybody, if it is time, and fetches what is late. */
  tick(): void {
    const { mono } = this.core.now;
    for (const peer of this.core.peers.all()) {
      if (peer.lateAt === undefined || peer.lateAt > mono) continue;
      peer.lateAt = undefined;
      if (isTogether(peer) && this.receiver.lacks(peer)) this.fetch(peer);
    }
    if (mono < this.nextRound) return;
    this.nextRound = mono + this.core.options.clockIntervalMs;
    this.core.state.knowledge.settle();
    this.beginRound();
    for (const peer of this.core.peers.where(isTogether)) this.compare(peer, false);
    this.stream.resumeAll();
    if (this.round % CALM_ROUNDS === 0 || !this.isCalm()) this.tellRound();
  }

  /** A group that may begin a store finds itself by what each says of the others, which does not wait for a round (S7). */
  tellMeets(): void {
    if (this.core.phase === 'joining' && this.meets().join() !== this.meetsTold) this.tellRound();
  }

  tellAll(): void {
    this.beginRound();
    this.tellRound();
  }

  tell(peers: readonly Peer[], reply: boolean, full = true): void {
    if (peers.length === 0) return;
    this.stream.sendDeltas();
    const to = peers.map(({ node }) => node.incarnation);
    this.core.effects.push({ type: 'send', to, message: this.message(reply, full) });
  }

  receive(peer: Peer, message: ClockMessage): void {
    const replica = message.replicas[0];
    if (!isLinked(peer) || replica?.incarnation !== peer.node.incarnation) return;
    const isNew = peer.replica?.generation !== replica.generation;
    const isFirst = isNew || peer.relation === 'stranger';
    if (isNew) forgetReplica(peer);
    this.note(peer, replica, message);
    this.listener.heard(peer, message, isFirst);
    if (isFirst || message.reply) this.tell([peer], false);
    const { origins } = this.core.state;
    this.stream.held(peer, this.core.self.generation, counterIn(peer.clock, origins.self.index));
    if (!isTogether(peer)) return;
    this.stream.open(peer);
    this.compare(peer, isFirst);
  }

  /** The peer's stream begins here: what was written before does not come with it. */
  started(peer: Peer): void {
    if (isTogether(peer)) this.compare(peer, false);
  }

  /** The smallest replica that this node is together with. */
  side(): Replica {
    let smallest = this.core.self;
    for (const peer of this.core.peers.all()) {
      if (isTogether(peer) && peer.replica !== undefined && compareReplicas(peer.replica, smallest) < 0)
        smallest = peer.replica;
    }
    return smallest;
  }

  private note(peer: Peer, replica: Replica, message: ClockMessage): void {
    const { origins } = this.core.state;
    peer.replica = replica;
    peer.origin = origins.of(replica).index;
    origins.readInto(peer.clock, message.clock, origins.numbers(message.replicas));
    peer.ahead = message.ahead;
    const isOther = peer.phase !== message.phase;
    peer.phase = message.phase;
    // What it held while it joined counts from now on (S2).
    if (isOther) this.core.acks.review();
    peer.side = message.side;
    peer.meets = new Set(message.meets);
    peer.decrees = new Map(message.decrees.map(({ id, state }) => [id, state]));
  }

  private compare(peer: Peer, isFirst: boolean): void {
    if (!this.receiver.lacks(peer)) {
      peer.lateAt = undefined;
      return;
    }
    const { now, options, state } = this.core;
    // A transfer that is under way there fills its buckets one by one; what is still ahead later has lost its source.
    if (state.origins.covers(peer.clock)) peer.lateAt ??= now.mono + options.joinTimeoutMs;
    else if (isFirst || !this.comesByItself(peer)) this.fetch(peer);
    else peer.lateAt ??= now.mono + options.patienceMs;
  }

  /** A node that joins decides by itself from whom it copies. */
  private fetch(peer: Peer): void {
    if (this.core.phase === 'ready') this.receiver.want(peer);
  }

  /** All that the peer knows and this node does not is on its way from the writers. */
  private comesByItself(peer: Peer): boolean {
    const { origins } = this.core.state;
    const streams = this.core.peers.where((other) => isTogether(other) && !other.inbox.isLost);
    for (let origin = 0; origin < peer.clock.length; origin++) {
      if ((peer.clock[origin] ?? 0) <= origins.at(origin).counter) continue;
      const writer = streams.find((other) => other.origin === origin);
      // What a peer told after its own writes on the same link has not been overtaken by them.
      if (writer === undefined || (writer === peer && peer.inbox.first === undefined)) return false;
    }
    return true;
  }

  private beginRound(): void {
    this.round++;
    for (const origin of this.core.state.origins.list) origin.beginRound();
  }

  private tellRound(): void {
    const peers = this.core.peers.where(({ link }) => link === 'open');
    const isFull = this.round >= this.fullAt;
    const { length } = this.core.state.origins.list;
    if (isFull) this.fullAt = this.round + Math.max(FULL_ROUNDS, length / ORIGINS_PER_ROUND);
    this.meetsTold = this.meets().join();
    this.tell(peers, false, isFull);
  }

  private isCalm(): boolean {
    const { phase, state } = this.core;
    return phase === 'ready' && state.origins.list.every(({ news }) => news === 0);
  }

  private meets(): Incarnation[] {
    if (this.core.phase !== 'joining') return [];
    return this.core
      .voters((peer) => isTogether(peer) && peer.phase === 'joining')
      .map(({ node }) => node.incarnation);
  }

  private message(reply: boolean, full: boolean): ClockMessage {
    const { core } = this;
    const { origins, knowledge } = core.state;
    const names = new ReplicaList(origins);
    names.number(origins.self.index);
    const { mode, time } = this.listener.recovery();
    const clock = names.clock(full ? origins.list : origins.list.filter(({ news }) => news > 0));
    return {
      type: 'clock',
      replicas: names.replicas,
      clock,
      ahead: knowledge.digest,
      phase: core.phase,
      meets: this.meets(),
      side: this.side(),
      apart: this.listener.apart(),
      decrees: this.listener.decrees(),
      recovery: mode,
      recoveryTime: time,
      reply,
    };
  }
}
