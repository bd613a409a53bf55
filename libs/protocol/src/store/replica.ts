/**
 * The replicated store as one machine: gives each input to the part it is for, and leaves as little as it can to decide
 * here. Promises S1 to S8 and P1 to P4 are held by the parts.
 */
import type { Instant } from '../instant.js';
import type { Incarnation, NodeInfo } from '../node.js';
import { Core } from './core.js';
import { DryRun } from './dry-run.js';
import type { EntryView } from './entry.js';
import { Greeting, type ClockMessage } from './greeting.js';
import { Lineage } from './lineage.js';
import type { ReplicaConfig, StoreEffect, StoreInput, StoreMachine, StoreStatus } from './machine.js';
import type { StoreMessage } from './message.js';
import { replicaId } from './origins.js';
import { Partitions } from './partitions.js';
import { together, type Peer } from './peers.js';
import { Pulling } from './pulling.js';
import { Readiness } from './readiness.js';
import { Recovery } from './recovery.js';
import { Replication } from './replication.js';
import { Roster } from './roster.js';
import { Serving } from './serving.js';
import { statusOf } from './status.js';
import { Writing } from './writing.js';

export function createReplica(config: ReplicaConfig): StoreMachine {
  return new StoreReplica(config);
}

/** Keys that run out in one tick; the rest follows at once. */
const EXPIRIES_PER_TICK = 512;

class StoreReplica implements StoreMachine {
  private readonly core: Core;
  private readonly replication: Replication;
  private readonly writing: Writing;
  private readonly serving: Serving;
  private readonly pulling: Pulling;
  private readonly greeting: Greeting;
  private readonly readiness: Readiness;
  private readonly partitions: Partitions;
  private readonly recovery: Recovery;
  private readonly dryRun: DryRun;
  private readonly roster: Roster;

  constructor(config: ReplicaConfig) {
    const core = new Core(config);
    this.core = core;
    this.replication = new Replication(core);
    this.serving = new Serving(core);
    this.partitions = new Partitions(core, (peer) => this.letIn(peer));
    this.recovery = new Recovery(core, this.partitions, (keeper) => this.restart(keeper));
    this.writing = new Writing(core, this.replication);
    const lineage = new Lineage(core);
    this.pulling = new Pulling(core, lineage, {
      pulled: (peer) => this.pulled(peer),
      pullFailed: () => this.readiness.review(),
      taking: (take) => this.partitions.counting(take),
    });
    this.greeting = new Greeting(core, lineage, this.replication, this.pulling, {
      greeted: (peer, message, first) => this.greeted(peer, message, first),
      fencedBy: (peer) => this.restart(peer),
      apart: () => this.partitions.apart(),
      recovery: () => this.recovery,
    });
    this.readiness = new Readiness(core, lineage, this.pulling, {
      becameReady: () => this.becameReady(),
      outweighed: (by) => this.restart(by),
    });
    this.dryRun = new DryRun(core, this.partitions, this.recovery);
    this.roster = new Roster(core, this.partitions, (peer) => this.unlink(peer));
  }

  get size(): number {
    return this.core.entries.size;
  }

  lookup(key: string): EntryView | undefined {
    return this.core.entries.map.get(key);
  }

  entries(): IterableIterator<readonly [string, EntryView]> {
    return this.core.entries.visible();
  }

  step(input: StoreInput, now: Instant): StoreEffect[] {
    this.core.now = now;
    this.handle(input);
    return this.core.effects.take();
  }

  nextDeadline(): number {
    const { core } = this;
    if (this.replication.waits) return -Infinity;
    if (core.stability.hasWork || this.writing.hasWork) return core.now.mono;
    return Math.min(
      core.acks.nextDeadline,
      core.entries.expiry.next - core.now.wall + core.now.mono,
      this.greeting.nextDeadline,
      this.pulling.nextDeadline,
      this.readiness.nextDeadline,
      this.partitions.nextDeadline,
      this.dryRun.nextDeadline,
    );
  }

  status(): StoreStatus {
    return statusOf(this.core, this.recovery.mode, this.partitions.list());
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
        return this.replication.flush();
      case 'tick':
        return this.tick();
      case 'start':
        this.greeting.start();
        return this.readiness.start();
      case 'settled':
        return this.readiness.settled();
      case 'peerUp':
        this.roster.up(input.node);
        return this.hail(input.node);
      case 'peerDown':
        this.roster.down(input.node, input.left);
        return this.readiness.review();
      case 'linkOpened':
        this.roster.opened(input.peer);
        return this.hail(input.peer);
      case 'linkClosed':
        this.roster.closed(input.incarnation);
        return this.readiness.review();
      case 'congested':
        return this.roster.congested(input.incarnation, true);
      case 'drained':
        this.roster.congested(input.incarnation, false);
        return this.greetAgain(core.peers.get(input.incarnation));
      case 'quorum':
        core.acks.needed = input.needed;
        this.writing.up = input.up;
        return core.acks.review();
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
    if (peer === undefined || !peer.linked) return;
    switch (message.type) {
      case 'deltas':
        // Nothing of another store is mixed into the one that is being copied.
        if (peer.foreign) return;
        if (!this.core.ready) this.pulling.noteArrived(message.deltas);
        return this.replication.receive(peer, message);
      case 'held':
        if (together(peer)) this.replication.held(peer, message.generation, message.counter);
        return;
      case 'clock':
        this.greeting.receive(peer, message);
        return this.readiness.review();
      case 'pull':
        this.replication.flush();
        return this.serving.begin(peer, message);
      case 'next':
        return this.serving.next(peer, message.session, message.seq);
      case 'chunk':
        if (together(peer)) this.pulling.take(peer, message);
        return;
      case 'unable':
        return this.pulling.unable(peer, message.session);
      case 'resolve':
        return this.recovery.apply(message);
      case 'recovery':
        return this.recovery.adopt(message.mode, message.time);
      case 'compare':
        return this.dryRun.answer(peer, message);
      case 'comparison':
        return this.dryRun.take(peer, message);
    }
  }

  private tick(): void {
    const { core } = this;
    const { mono, wall } = core.now;
    this.replication.flush();
    this.writing.work();
    core.entries.expire(wall, EXPIRIES_PER_TICK, (key) => core.stability.settle(key));
    this.writing.deleteAgain();
    core.acks.expire(mono);
    this.pulling.expire(mono);
    if (this.greeting.tick()) {
      this.roster.evict();
      const roster = core.roster();
      core.stability.advance(roster, core.isComplete(roster));
    }
    core.stability.work();
    this.readiness.review();
    this.partitions.tick();
    this.dryRun.tick();
    this.replication.flush();
  }

  /** The first words on a link. */
  private hail({ incarnation }: NodeInfo): void {
    const peer = this.core.peers.get(incarnation);
    if (peer !== undefined && peer.linked && !peer.greeted) this.greeting.tell([peer], true);
    this.readiness.review();
  }

  private greetAgain(peer: Peer | undefined): void {
    if (peer !== undefined && peer.linked) this.greeting.tell([peer], true);
  }

  private greeted(peer: Peer, message: ClockMessage, first: boolean): void {
    const { core } = this;
    // What a copy has brought of a store that its own node has dropped since may be what others have forgotten (S4).
    if (this.pulling.isVoid && !core.ready) return this.restart();
    if (this.pulling.isVoid) this.pulling.drop(peer);
    this.recovery.adopt(message.recovery, message.recoveryTime);
    const wait = this.recovery.mode === 'manual';
    const me = replicaId(core.origins.self.replica);
    const byTheirs = message.apart.some((replica) => replicaId(replica) === me);
    if (!core.ready && wait && message.ready)
      for (const { incarnation } of message.apart) this.partitions.separate(incarnation);
    if (core.isFenced(peer.replica)) return;
    const other = this.partitions.isSeparated(peer) || byTheirs;
    if (first && other && !peer.apart) this.partitions.met(peer, wait, message.apart);
  }

  private letIn(peer: Peer): void {
    if (!peer.linked) return;
    this.core.refresh(peer);
    this.greetAgain(peer);
    this.pulling.want(peer);
  }

  private pulled(peer: Peer): void {
    this.replication.oweAll();
    this.partitions.ended(peer);
    if (peer.ready) this.readiness.copied();
    this.readiness.review();
  }

  private becameReady(): void {
    const { core } = this;
    core.entries.settleFormer();
    core.effects.push({ type: 'ready', ready: true });
    this.roster.shutOutForeign();
    this.greeting.tellAll();
    for (const peer of core.peers.where(together)) this.pulling.want(peer);
  }

  private unlink(peer: Peer): void {
    this.serving.end(peer);
    this.pulling.drop(peer);
    this.partitions.ended(peer);
  }

  /** Drops the store and goes on as a new replica, which takes a full copy (S4, P4). */
  private restart(source?: Peer): void {
    const { core } = this;
    const dropped = this.recovery.changesAgainst(source);
    const { self } = core.config;
    const old = core.origins.self.replica;
    if (core.ready) core.effects.push({ type: 'ready', ready: false });
    core.ready = false;
    core.acks.failAll('this node dropped what it held, to take a full copy of the others');
    this.replication.discard();
    this.pulling.dropAll();
    this.serving.endAll();
    this.writing.discard();
    core.entries.retire();
    core.stability.restart();
    core.origins.restart({ name: self.name, incarnation: self.incarnation, generation: old.generation + 1 });
    core.forgetFenced();
    core.fence(old);
    this.partitions.restart(dropped.total, dropped.keys);
    this.readiness.restart(source);
    this.roster.restart();
    this.greeting.tell(
      core.peers.where((peer) => peer.linked),
      true,
    );
  }
}
