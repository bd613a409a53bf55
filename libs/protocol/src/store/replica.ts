/**
 * The replicated store as one machine: gives each input to the part it is for. Promises S1 to S8 and P1 to P4 are held by
 * the parts.
 */
import { plausibleMax, type Instant } from '../instant.js';
import type { Incarnation } from '../node.js';
import type { Core } from './core.js';
import type { ReplicaConfig, StoreEffect, StoreInput, StoreMachine, StoreStatus } from './machine.js';
import type { StoreMessage } from './message.js';
import { Parts } from './parts.js';
import { isLinked, isTogether } from './replication/peers.js';
import type { EntryView, StoredValue } from './state/entry.js';
import { statusOf } from './status.js';

export function createReplica(config: ReplicaConfig): StoreMachine {
  return new StoreReplica(config);
}

/** Keys that expire in one tick; the rest follows at once. */
const EXPIRIES_PER_TICK = 512;

class StoreReplica implements StoreMachine {
  private readonly parts: Parts;
  private readonly core: Core;

  constructor(config: ReplicaConfig) {
    this.parts = new Parts(config);
    this.core = this.parts.core;
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
    this.core.state.origins.counterMax = plausibleMax(now.wall);
    this.handle(input);
    this.parts.collapse();
    this.parts.surpass();
    return this.core.effects.take();
  }

  nextDeadline(): number {
    const { core } = this;
    if (this.parts.stream.waits) return -Infinity;
    if (this.parts.writing.hasWork) return core.now.mono;
    return Math.min(
      core.acks.nextDeadline,
      core.state.entries.expiry.next - core.now.wall + core.now.mono,
      this.parts.clocks.nextDeadline,
      this.parts.stream.nextDeadline,
      this.parts.receiver.nextDeadline,
      this.parts.readiness.nextDeadline,
      this.parts.partitions.nextDeadline,
      this.parts.recovery.nextDeadline,
      this.parts.replacing.nextDeadline,
      this.parts.dryRun.nextDeadline,
    );
  }

  status(): StoreStatus {
    return statusOf(this.core, this.parts.recovery.mode, this.parts.partitions.list());
  }

  check(): void {
    this.core.state.check();
  }

  private handle(input: StoreInput): void {
    const { core } = this;
    switch (input.type) {
      case 'write':
        return this.parts.writing.write(input.id, input.key, input.value, input.ttlMs, input.ack);
      case 'delete':
        return this.parts.writing.delete(input.id, input.key, input.ack);
      case 'clear':
        return this.parts.writing.clear(input.id, input.ack);
      case 'message':
        return this.receive(input.from, input.message);
      case 'flush':
        return this.parts.stream.flush();
      case 'tick':
        return this.tick();
      case 'start':
        this.parts.clocks.start();
        return this.parts.readiness.start();
      case 'settled':
        return this.parts.readiness.settled();
      case 'peerUp':
        this.parts.lifecycle.up(input.node);
        return this.parts.hail(input.node);
      case 'peerDown':
        this.parts.lifecycle.down(input.node, input.left);
        return this.parts.review();
      case 'linkOpened':
        this.parts.lifecycle.opened(input.peer);
        return this.parts.hail(input.peer);
      case 'linkClosed':
        this.parts.lifecycle.closed(input.incarnation);
        return this.parts.review();
      case 'congested':
        return this.parts.lifecycle.congested(input.incarnation);
      case 'drained':
        return this.parts.greetAgain(this.parts.lifecycle.drained(input.incarnation));
      case 'quorum':
        core.acks.needed = input.needed;
        this.parts.writing.up = input.up;
        core.acks.review();
        return this.parts.review();
      case 'leader':
        core.leader = { node: input.leader, token: input.token };
        core.term = Math.max(core.term, input.token);
        return this.parts.recovery.leaderChanged();
      case 'recovery':
        return this.parts.recovery.choose(input.mode);
      case 'resolve':
        return this.parts.recovery.resolve(input.id, input.partition, input.choice);
      case 'diff':
        return this.parts.dryRun.begin(input.id, input.partition);
    }
  }

  private receive(from: Incarnation, message: StoreMessage): void {
    const peer = this.core.peers.get(from);
    if (peer === undefined || !isLinked(peer)) return;
    switch (message.type) {
      case 'deltas':
        this.parts.stream.sendDeltas();
        this.parts.stream.receive(peer, message);
        return message.isStart ? this.parts.clocks.started(peer) : undefined;
      case 'resume':
        return this.parts.stream.reopen(peer);
      case 'held':
        if (isTogether(peer)) this.parts.stream.held(peer, message.generation, message.counter);
        return;
      case 'clock':
        this.parts.clocks.receive(peer, message);
        return this.parts.review();
      case 'pull':
        return this.parts.sender.begin(peer, message);
      case 'buckets':
        return this.parts.sender.choose(peer, message);
      case 'next':
        return this.parts.sender.next(peer, message.session, message.seq);
      case 'digests':
        return this.parts.receiver.takeDigests(peer, message);
      case 'recent':
      case 'chunk':
        return this.parts.receiver.takePart(peer, message);
      case 'unable':
        return this.parts.receiver.unable(peer, message.session);
      case 'recovery':
        return this.parts.recovery.adopt(message.mode, message.time);
      case 'choose':
        return this.parts.recovery.asks(peer, message);
      case 'chosen':
        return this.parts.recovery.answered(message.request, message.refusal);
      case 'survey':
      case 'surveyed':
      case 'propose':
      case 'accepted':
        return this.parts.recovery.receive(peer, message);
      case 'decree':
        return this.parts.recovery.learn(message.decree);
      case 'compare':
        return this.parts.dryRun.answer(peer, message);
      case 'comparison':
        return this.parts.dryRun.take(peer, message);
    }
  }

  private tick(): void {
    const { core } = this;
    const { mono, wall } = core.now;
    this.parts.stream.flush();
    this.parts.writing.work();
    core.state.entries.expire(wall, EXPIRIES_PER_TICK);
    core.acks.expire(mono);
    this.parts.receiver.expire(mono);
    for (const peer of this.parts.stream.late()) {
      peer.inbox.blockedSince = mono;
      if (core.phase === 'ready') this.parts.receiver.want(peer);
    }
    this.parts.clocks.tick();
    this.parts.review();
    this.parts.partitions.tick();
    this.parts.recovery.tick();
    this.parts.dryRun.tick();
    this.parts.lag.tick();
    this.parts.stream.flush();
  }
}
