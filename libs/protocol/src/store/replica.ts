/**
 * The replicated store as one machine: gives each input to the part it is for. Promises S1 to S8 and P1 to P4 are held by
 * the parts.
 */
import type { Instant } from '../instant.js';
import type { Incarnation, NodeInfo } from '../node.js';
import { Core } from './core.js';
import type { ReplicaConfig, StoreEffect, StoreInput, StoreMachine, StoreStatus } from './machine.js';
import type { Decree, StoreMessage } from './message.js';
import type { ChangedKeys } from './partitions/changed-keys.js';
import { incarnationsOf, isOnOne } from './partitions/decrees.js';
import { DryRun } from './partitions/dry-run.js';
import { Partitions } from './partitions/partitions.js';
import { Recovery } from './partitions/recovery.js';
import { Replacing } from './partitions/replacing.js';
import { swapChanges } from './partitions/swap-changes.js';
import { ClockExchange } from './replication/clock-exchange.js';
import { PeerLifecycle } from './replication/peer-lifecycle.js';
import { forgetReplica, isLinked, isTogether, type Peer } from './replication/peers.js';
import { Readiness } from './replication/readiness.js';
import { Stream } from './replication/stream.js';
import { TransferReceiver } from './replication/transfer-receiver.js';
import { TransferSender } from './replication/transfer-sender.js';
import { Writing } from './replication/writing.js';
import type { EntryView, StoredValue } from './state/entry.js';
import type { StoreState } from './state/store-state.js';
import { statusOf } from './status.js';

export function createReplica(config: ReplicaConfig): StoreMachine {
  return new StoreReplica(config);
}

/** Keys that expire in one tick; the rest follows at once. */
const EXPIRIES_PER_TICK = 512;

class StoreReplica implements StoreMachine {
  private readonly core: Core;
  private readonly stream: Stream;
  private readonly writing: Writing;
  private readonly sender: TransferSender;
  private readonly receiver: TransferReceiver;
  private readonly clocks: ClockExchange;
  private readonly readiness: Readiness;
  private readonly partitions: Partitions;
  private readonly recovery: Recovery;
  private readonly replacing: Replacing;
  private readonly dryRun: DryRun;
  private readonly lifecycle: PeerLifecycle;

  constructor(config: ReplicaConfig) {
    const core = new Core(config);
    this.core = core;
    this.stream = new Stream(core);
    this.writing = new Writing(core, this.stream);
    this.sender = new TransferSender(core, this.stream);
    this.receiver = new TransferReceiver(core, this.stream, {
      pulled: (peer) => this.pulled(peer),
      pullFailed: (peer) => this.pullFailed(peer),
      taking: (take) => this.partitions.counting(take),
    });
    this.partitions = new Partitions(core, (peer) => this.letIn(peer));
    this.recovery = new Recovery(core, this.partitions, {
      decreed: (decree, isParty) => this.decreed(decree, isParty),
    });
    this.replacing = new Replacing(core, this.recovery.decrees, this.receiver, {
      began: () => this.beganReplacing(),
      cancelled: () => this.cancelledReplacing(),
      swapped: (old, dropped, concerned) => this.swapped(old, dropped, concerned),
    });
    this.clocks = new ClockExchange(core, this.stream, this.receiver, {
      heard: (peer, message, isFirst) => this.recovery.heard(peer, message, isFirst),
      apart: () => this.partitions.apart(),
      decrees: () => this.recovery.list(),
      recovery: () => this.recovery,
    });
    this.readiness = new Readiness(core, this.receiver, (isComplete) => this.becameReady(isComplete));
    this.dryRun = new DryRun(core, this.partitions);
    this.lifecycle = new PeerLifecycle(core, this.partitions, (peer) => this.ended(peer));
  }

  get size(): number {
    return this.core.state.entries.size;
  }

  value(key: string, readWall: () => number): StoredValue | undefined {
    return this.core.state.entries.table.value(key, readWall);
  }

  lookup(key: string): EntryView | undefined {
    return this.core.state.entries.table.get(key);
  }

  entries(): IterableIterator<readonly [string, EntryView]> {
    return this.core.state.entries.table[Symbol.iterator]();
  }

  step(input: StoreInput, now: Instant): StoreEffect[] {
    this.core.now = now;
    this.handle(input);
    this.collapse();
    return this.core.effects.take();
  }

  nextDeadline(): number {
    const { core } = this;
    if (this.stream.waits) return -Infinity;
    if (this.writing.hasWork) return core.now.mono;
    return Math.min(
      core.acks.nextDeadline,
      core.state.entries.expiry.next - core.now.wall + core.now.mono,
      this.clocks.nextDeadline,
      this.stream.nextDeadline,
      this.receiver.nextDeadline,
      this.readiness.nextDeadline,
      this.partitions.nextDeadline,
      this.recovery.nextDeadline,
      this.replacing.nextDeadline,
      this.dryRun.nextDeadline,
    );
  }

  status(): StoreStatus {
    return statusOf(this.core, this.recovery.mode, this.partitions.list());
  }

  check(): void {
    this.core.state.check();
  }

  private handle(input: StoreInput): void {
    const { core } = this;
    switch (input.type) {
      case 'write':
        return this.writing.write(input.id, input.key, input.value, input.ttlMs, input.ack);
      case 'delete':
        return this.writing.delete(input.id, input.key, input.ack);
      case 'clear':
        return this.writing.clear(input.id, input.ack);
      case 'message':
        return this.receive(input.from, input.message);
      case 'flush':
        return this.stream.flush();
      case 'tick':
        return this.tick();
      case 'start':
        this.clocks.start();
        return this.readiness.start();
      case 'settled':
        return this.readiness.settled();
      case 'peerUp':
        this.lifecycle.up(input.node);
        return this.hail(input.node);
      case 'peerDown':
        this.lifecycle.down(input.node, input.left);
        return this.review();
      case 'linkOpened':
        this.lifecycle.opened(input.peer);
        return this.hail(input.peer);
      case 'linkClosed':
        this.lifecycle.closed(input.incarnation);
        return this.review();
      case 'congested':
        return this.lifecycle.congested(input.incarnation);
      case 'drained':
        return this.greetAgain(this.lifecycle.drained(input.incarnation));
      case 'quorum':
        core.acks.needed = input.needed;
        this.writing.up = input.up;
        core.acks.review();
        return this.review();
      case 'leader':
        core.leader = { node: input.leader, token: input.token };
        return this.recovery.leaderChanged();
      case 'recovery':
        return this.recovery.choose(input.mode);
      case 'resolve':
        return this.recovery.resolve(input.id, input.partition, input.choice);
      case 'diff':
        return this.dryRun.begin(input.id, input.partition);
    }
  }

  private receive(from: Incarnation, message: StoreMessage): void {
    const peer = this.core.peers.get(from);
    if (peer === undefined || !isLinked(peer)) return;
    switch (message.type) {
      case 'deltas':
        this.stream.sendDeltas();
        this.stream.receive(peer, message);
        return message.isStart ? this.clocks.started(peer) : undefined;
      case 'resume':
        return this.stream.reopen(peer);
      case 'held':
        if (isTogether(peer)) this.stream.held(peer, message.generation, message.counter);
        return;
      case 'clock':
        this.clocks.receive(peer, message);
        return this.review();
      case 'pull':
        return this.sender.begin(peer, message);
      case 'buckets':
        return this.sender.choose(peer, message);
      case 'next':
        return this.sender.next(peer, message.session, message.seq);
      case 'digests':
        return this.receiver.takeDigests(peer, message);
      case 'recent':
      case 'chunk':
        return this.receiver.takePart(peer, message);
      case 'unable':
        return this.receiver.unable(peer, message.session);
      case 'recovery':
        return this.recovery.adopt(message.mode, message.time);
      case 'choose':
        return this.recovery.asks(peer, message);
      case 'chosen':
        return this.recovery.answered(message.request, message.refusal);
      case 'survey':
      case 'surveyed':
      case 'propose':
      case 'accepted':
        return this.recovery.receive(peer, message);
      case 'decree':
        return this.recovery.learn(message.decree);
      case 'compare':
        return this.dryRun.answer(peer, message);
      case 'comparison':
        return this.dryRun.take(peer, message);
    }
  }

  private tick(): void {
    const { core } = this;
    const { mono, wall } = core.now;
    this.stream.flush();
    this.writing.work();
    core.state.entries.expire(wall, EXPIRIES_PER_TICK);
    core.acks.expire(mono);
    this.receiver.expire(mono);
    for (const peer of this.stream.late()) {
      peer.inbox.blockedSince = mono;
      if (core.phase === 'ready') this.receiver.want(peer);
    }
    this.clocks.tick();
    this.review();
    this.partitions.tick();
    this.recovery.tick();
    this.dryRun.tick();
    this.stream.flush();
  }

  /** Looks at everything that depends on who is there and what they have. */
  private review(): void {
    this.readiness.review();
    this.replacing.review();
    this.clocks.tellMeets();
  }

  /** The first message on a link. */
  private hail({ incarnation }: NodeInfo): void {
    const peer = this.core.peers.get(incarnation);
    if (peer !== undefined && isLinked(peer) && peer.relation === 'stranger') this.clocks.tell([peer], true);
    this.review();
  }

  private greetAgain(peer: Peer | undefined): void {
    if (peer === undefined || !isLinked(peer)) return;
    this.stream.open(peer);
    this.clocks.tell([peer], true);
  }

  private letIn(peer: Peer): void {
    if (!isLinked(peer)) return;
    this.greetAgain(peer);
    if (this.core.phase === 'ready') this.receiver.want(peer);
  }

  private pulled(peer: Peer): void {
    this.replacing.pulled(peer);
    this.stream.oweAll();
    this.partitions.ended(peer);
    this.readiness.pulled(peer);
  }

  private pullFailed(peer: Peer): void {
    this.replacing.failed(peer);
    this.readiness.review();
  }

  private becameReady(isComplete: boolean): void {
    const { core } = this;
    core.effects.push({ type: 'ready', isComplete });
    this.clocks.tellAll();
    for (const peer of core.peers.where(isTogether)) this.receiver.want(peer);
  }

  /** Whatever runs with a peer ends. */
  private ended(peer: Peer): void {
    this.sender.end(peer);
    this.receiver.drop(peer);
    this.partitions.ended(peer);
  }

  private decreed(decree: Decree, isParty: boolean): void {
    const { core } = this;
    const listed = incarnationsOf(decree.sides);
    const state = this.recovery.decrees.add(decree, isParty);
    if (state === 'applied' && isParty) this.partitions.carriedOut(listed, NOTHING);
    else if (state === 'pending' && core.phase === 'joining') this.startAnew();
    for (const peer of core.peers.where(isLinked)) {
      if (this.recovery.decrees.equals(peer)) continue;
      core.relate(peer, isParty && isOnOne(listed, peer) ? 'decreed' : 'unequalDecrees');
      if (!isTogether(peer)) this.receiver.drop(peer);
    }
    this.clocks.tell(core.peers.where(isLinked), true);
    this.review();
  }

  /** Half a copy of a side that was not kept: nobody has read it. */
  private startAnew(): void {
    const { core } = this;
    this.receiver.dropAll();
    core.state = core.newState(core.self.generation + 1, (effect) => core.effects.push(effect));
    this.recovery.decrees.change('pending', 'applied');
    this.greetAll();
    this.readiness.restart();
  }

  private beganReplacing(): void {
    const { core } = this;
    core.phase = 'replacing';
    core.acks.failAll(REPLACED);
    this.writing.discard(REPLACED);
    this.partitions.copying(incarnationsOf(this.recovery.decrees.pending().flatMap(({ sides }) => sides)));
  }

  private cancelledReplacing(): void {
    this.core.phase = 'ready';
    this.partitions.waitAgain();
    this.clocks.tellAll();
  }

  private swapped(old: StoreState, dropped: ChangedKeys, concerned: ReadonlySet<Incarnation>): void {
    const { core } = this;
    const { entries } = core.state;
    entries.tell = (effect) => core.effects.push(effect);
    core.phase = 'ready';
    this.stream.discard();
    this.sender.endAll();
    core.effects.push({ type: 'replaced' });
    for (const change of swapChanges(old, core.state)) core.effects.push({ type: 'change', change });
    this.partitions.carriedOut(concerned, dropped);
    this.greetAll();
  }

  /** This node goes on as another replica, by other numbers. */
  private greetAll(): void {
    const { core } = this;
    for (const peer of core.peers.all()) {
      forgetReplica(peer);
      peer.isStreaming = false;
      peer.since = 0;
      core.relate(peer, 'unlinked');
    }
    this.clocks.tell(core.peers.where(isLinked), true);
  }

  /**
   * Too many siblings of a key: what they resolve to is written in their place (S3, W5). One node of a side does so, or the
   * writes of all would be siblings again.
   */
  private collapse(): void {
    const { entries } = this.core.state;
    if (entries.overfull.size === 0) return;
    if (this.clocks.side() !== this.core.self) return entries.overfull.clear();
    const { wall } = this.core.now;
    for (const key of entries.overfull) {
      const entry = entries.table.get(key);
      if (entry === undefined) continue;
      this.stream.mint(key, entry.value, entry.expiresAt === 0 ? 0 : Math.max(1, entry.expiresAt - wall));
    }
    entries.overfull.clear();
  }
}

const NOTHING: ChangedKeys = { keys: [], total: 0 };

const REPLACED = 'another side of the partition was kept, and this node copies it; the write is void';
