/**
 * The exchange of clocks (S8): on contact, and every `clockIntervalMs`. From it follow repair, what may be forgotten, who is
 * ready, and which nodes must start anew. What is only on its way is not fetched: new writes come from their writer, so
 * dots of others are fetched when they are late.
 */
import type { Core } from './core.js';
import type { Replica } from './entry.js';
import type { Lineage } from './lineage.js';
import type { RecoveryMode, StoreMessage } from './message.js';
import { ReplicaList, compareReplicas } from './origins.js';
import { baseOf, together, type Peer } from './peers.js';
import type { Pulling } from './pulling.js';
import type { Replication } from './replication.js';

export type ClockMessage = Extract<StoreMessage, { readonly type: 'clock' }>;

/**
 * Every so many rounds a clock says everything, in case that several were lost; the more rarely the more there is to say: a
 * cluster whose nodes were restarted for years has met many replicas, and there is no news of them.
 */
const FULL_ROUNDS = 20;
const ORIGINS_PER_ROUND = 8;
/** While there is nothing to tell, a clock goes out only every so many rounds: an idle store should cost next to nothing. */
const CALM_ROUNDS = 5;

export interface GreetingListener {
  /** Before anything else of a clock counts: sides and modes are settled first (P3, P4). */
  greeted(peer: Peer, message: ClockMessage, first: boolean): void;
  /** This node was forgotten by the peer. */
  fencedBy(peer: Peer): void;
  apart(): readonly Replica[];
  recovery(): { readonly mode: RecoveryMode; readonly time: number };
}

export class Greeting {
  private nextRound = Infinity;
  private round = 0;
  private fullAt = FULL_ROUNDS;

  constructor(
    private readonly core: Core,
    private readonly lineage: Lineage,
    private readonly replication: Replication,
    private readonly pulling: Pulling,
    private readonly listener: GreetingListener,
  ) {}

  get nextDeadline(): number {
    let next = this.nextRound;
    for (const { watched } of this.core.peers.all())
      if (watched !== undefined) next = Math.min(next, watched.until);
    return next;
  }

  start(): void {
    this.nextRound =
      this.core.now.mono + this.core.options.clockIntervalMs * (0.5 + this.core.config.random() / 2);
  }

  /** Tells everybody, if it is time, and fetches what is late. Says whether a round was due. */
  tick(): boolean {
    const { mono } = this.core.now;
    for (const peer of this.core.peers.all()) {
      if (peer.watched === undefined || peer.watched.until > mono) continue;
      if (together(peer) && this.core.origins.lacks(peer.watched.clock)) this.pulling.want(peer);
      peer.watched = undefined;
    }
    if (mono < this.nextRound) return false;
    this.nextRound = mono + this.core.options.clockIntervalMs;
    this.beginRound();
    // A transfer may have come to nothing since the peer told what it holds.
    for (const peer of this.core.peers.where(together)) this.compare(peer, false);
    if (this.round % CALM_ROUNDS === 0 || !this.isCalm()) this.tellRound();
    return true;
  }

  tellAll(): void {
    this.beginRound();
    this.tellRound();
  }

  private beginRound(): void {
    this.round++;
    for (const origin of this.core.origins.list) origin.beginRound();
  }

  private tellRound(): void {
    const peers = this.core.peers.where(({ linked, congested }) => linked && !congested);
    const isFull = this.round >= this.fullAt;
    const { length } = this.core.origins.list;
    if (isFull) this.fullAt = this.round + Math.max(FULL_ROUNDS, length / ORIGINS_PER_ROUND);
    this.tell(peers, false, isFull);
  }

  private isCalm(): boolean {
    return this.core.ready && this.core.origins.list.every(({ news }) => news === 0);
  }

  tell(peers: readonly Peer[], reply: boolean, full = true): void {
    if (peers.length === 0) return;
    this.replication.flush();
    const { effects } = this.core;
    const message = this.message(reply, full);
    const welcome = peers
      .filter((peer) => !this.core.isFenced(peer.replica))
      .map(({ node }) => node.incarnation);
    if (welcome.length > 0) effects.push({ type: 'send', to: welcome, message });
    for (const { node, replica } of peers) {
      if (replica === undefined || !this.core.isFenced(replica)) continue;
      const chosen = this.core.isGivenUp(replica);
      effects.send(node.incarnation, { ...message, fenced: replica.generation, chosen });
    }
  }

  receive(peer: Peer, message: ClockMessage): void {
    const { core } = this;
    const replica = message.replicas[0];
    if (!peer.linked || replica === undefined || replica.incarnation !== peer.node.incarnation) return;
    const first = !peer.greeted || peer.replica?.generation !== replica.generation;
    this.note(peer, replica, message);
    this.judge(peer, replica, message);
    this.listener.greeted(peer, message, first);
    this.fence(peer, message, replica);
    core.refresh(peer);
    if (first || message.reply) this.tell([peer], false);
    this.replication.held(
      peer,
      core.origins.self.replica.generation,
      baseOf(peer.report, core.origins.self.index),
    );
    if (together(peer)) this.compare(peer, first);
  }

  private note(peer: Peer, replica: Replica, message: ClockMessage): void {
    const { origins } = this.core;
    const numbers = origins.numbers(message.replicas);
    if (peer.replica?.generation !== replica.generation) {
      peer.held = 0;
      peer.judged = peer.foreign = false;
      peer.report = peer.floors = undefined;
    }
    peer.replica = replica;
    peer.origin = origins.of(replica).index;
    peer.report = origins.readOver(peer.report, message.clock, numbers);
    peer.floors = origins.readOver(peer.floors, message.floor, numbers);
    peer.ready = message.ready;
    peer.quorum = message.quorum;
    peer.side = message.side;
    peer.greeted = true;
  }

  /** A store that comes from among replicas that were forgotten here shares their fate, whoever brings it (S4). */
  private judge(peer: Peer, replica: Replica, { full, ready }: ClockMessage): void {
    if (peer.judged || !full || !ready || peer.report === undefined) return;
    peer.judged = true;
    peer.foreign = this.core.origins.isOutlived(peer.report) || this.lineage.isForeign(peer);
    if (peer.foreign && this.core.ready) this.core.fence(replica);
  }

  /**
   * Of two sides of which one has forgotten the other, the one that is a quorum stays, whichever it was: what was confirmed
   * is there (S2, S4). There is at most one, so that not both drop. If none is, and each has forgotten the other, the side
   * with the smaller replica stays.
   */
  private fence(peer: Peer, message: ClockMessage, replica: Replica): void {
    const { core } = this;
    const told = message.fenced === core.origins.self.replica.generation;
    // A choice decides, unless both sides have been chosen.
    const isOpen = !message.chosen || core.isGivenUp(replica);
    const stays = isOpen && this.outweighs(message, replica);
    if (told && message.ready && stays) core.fence(replica);
    const mutual = core.isFenced(replica);
    peer.fenced = mutual || told;
    if (told && message.ready && !stays) this.listener.fencedBy(peer);
  }

  private outweighs({ side, quorum }: ClockMessage, replica: Replica): boolean {
    const { core } = this;
    if (this.isQuorum() !== quorum) return !quorum;
    // Two that a third one has let in are of one side by now.
    const order = compareReplicas(this.side(), side) || compareReplicas(core.origins.self.replica, replica);
    return core.isFenced(replica) && order <= 0;
  }

  private compare(peer: Peer, first: boolean): void {
    const { origins, now, options } = this.core;
    const { report } = peer;
    if (report === undefined || !origins.lacks(report)) return;
    if (first || !this.core.ready || origins.lacks(report, (origin) => !this.comesByItself(origin, peer))) {
      if (this.core.ready) this.pulling.want(peer);
    } else peer.watched ??= { clock: report, until: now.mono + options.patienceMs };
  }

  /** Dots of a replica that is linked come from it, on another link than this clock did. */
  private comesByItself(origin: number, peer: Peer): boolean {
    if (origin === peer.origin) return false;
    for (const other of this.core.peers.all()) if (other.origin === origin) return together(other);
    return false;
  }

  /** The smallest replica that this node is together with. */
  side(): Replica {
    let smallest = this.core.origins.self.replica;
    for (const peer of this.core.peers.all()) {
      if (together(peer) && peer.replica !== undefined && compareReplicas(peer.replica, smallest) < 0)
        smallest = peer.replica;
    }
    return smallest;
  }

  /** As many replicas of this side have the whole store as a write waits for. */
  private isQuorum(): boolean {
    const { core } = this;
    const others = core.voters((peer) => together(peer) && peer.ready);
    return others.length + Number(core.ready && core.votes) >= core.acks.needed;
  }

  private message(reply: boolean, full: boolean): ClockMessage {
    const { core } = this;
    const names = new ReplicaList(core.origins);
    names.number(core.origins.self.index);
    const { mode, time } = this.listener.recovery();
    return {
      type: 'clock',
      full,
      clock: names.clock(full),
      floor: names.floor(full),
      replicas: names.replicas,
      ready: core.ready,
      fenced: null,
      chosen: false,
      side: this.side(),
      quorum: this.isQuorum(),
      apart: this.listener.apart(),
      recovery: mode,
      recoveryTime: time,
      reply,
    };
  }
}
