/**
 * The parts of a replica, and what they tell each other: a decree, the end of a transfer, a store that was replaced.
 */
import type { Incarnation, NodeInfo } from '../node.js';
import { Core } from './core.js';
import type { ReplicaConfig } from './machine.js';
import type { Decree } from './message.js';
import type { ChangedKeys } from './partitions/changed-keys.js';
import { incarnationsOf, isOnOne } from './partitions/decrees.js';
import { DryRun } from './partitions/dry-run.js';
import { Partitions } from './partitions/partitions.js';
import { Recovery } from './partitions/recovery.js';
import { Replacing } from './partitions/replacing.js';
import { swapChanges } from './partitions/swap-changes.js';
import { ClockExchange } from './replication/clock-exchange.js';
import { Lag } from './replication/lag.js';
import { PeerLifecycle } from './replication/peer-lifecycle.js';
import { forgetReplica, isLinked, isTogether, type Peer } from './replication/peers.js';
import { Readiness } from './replication/readiness.js';
import { Stream } from './replication/stream.js';
import { TransferReceiver } from './replication/transfer-receiver.js';
import { TransferSender } from './replication/transfer-sender.js';
import { Writing } from './replication/writing.js';
import type { StoreState } from './state/store-state.js';

export class Parts {
  readonly core: Core;
  readonly stream: Stream;
  readonly writing: Writing;
  readonly sender: TransferSender;
  readonly receiver: TransferReceiver;
  readonly clocks: ClockExchange;
  readonly readiness: Readiness;
  readonly partitions: Partitions;
  readonly recovery: Recovery;
  readonly replacing: Replacing;
  readonly dryRun: DryRun;
  readonly lifecycle: PeerLifecycle;
  readonly lag: Lag;

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
      startAnew: () => this.startAnew(),
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
    this.lag = new Lag(core);
    this.lifecycle = new PeerLifecycle(core, this.partitions, (peer) => this.ended(peer));
  }

  /** Looks at everything that depends on who is there and what they have. */
  review(): void {
    this.readiness.review();
    this.replacing.review();
    this.clocks.tellMeets();
  }

  /** The first message on a link. */
  hail({ incarnation }: NodeInfo): void {
    const peer = this.core.peers.get(incarnation);
    if (peer !== undefined && isLinked(peer) && peer.relation === 'stranger') this.clocks.tell([peer], true);
    this.review();
  }

  greetAgain(peer: Peer | undefined): void {
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
    // Nobody has half a copy for its side.
    const state = this.recovery.decrees.add(decree, isParty || core.phase === 'joining');
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

  /** Half a copy of a side that was not kept. Nobody could read it, but subscribers were told of its entries (S6). */
  private startAnew(): void {
    const { core } = this;
    const old = core.state;
    this.receiver.dropAll();
    core.state = core.newState(core.self.generation + 1, (effect) => core.effects.push(effect));
    this.tellChanges(old);
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
    this.tellChanges(old);
    this.partitions.carriedOut(concerned, dropped);
    this.greetAll();
  }

  private tellChanges(old: StoreState): void {
    const { effects, state } = this.core;
    for (const change of swapChanges(old, state)) effects.push({ type: 'change', change });
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

  /** Somebody made up dots of this node, and others believe it: its writes go on above, and everybody is told so (W7). */
  surpass(): void {
    const { origins } = this.core.state;
    if (!origins.isOverstated) return;
    this.stream.sendDeltas();
    origins.surpass();
    this.clocks.tellAll();
  }

  /**
   * Too many siblings of a key: what they resolve to is written in their place (S3, W5). One node of a side does so, or the
   * writes of all would be siblings again.
   */
  collapse(): void {
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
