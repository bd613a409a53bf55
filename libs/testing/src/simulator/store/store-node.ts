/**
 * The data plane of one simulated process: its replica, driven as the product drives it – on the main thread, told who is up
 * by the events of its own control plane, over links of its own that carry bytes. While the process is stopped or its main
 * thread is blocked nothing is handled, and everything waits.
 */
import type {
  Address,
  Incarnation,
  NodeEvent,
  NodeInfo,
  Random,
  StoreEffect,
  StoreInput,
  StoreMachine,
} from '@nest-cluster/protocol';
import type { Agenda, Job } from '../agenda.js';
import type { Host } from '../host.js';
import type { Endpoint, Network } from '../network.js';
import type { Process } from '../process.js';
import { PeerDials } from './peer-dials.js';
import type { StoreCast } from './store-cast.js';
import type { StoreOptions } from '@nest-cluster/protocol';

/** From the protocol's thread to the main thread. */
const HOP_MS = 0.05;
const STALL_POLL_MS = 5;
const SETTLE_POLL_MS = 50;
const STALLED_TICKS = 2_000;

export interface StoreAround {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly cast: StoreCast;
  readonly options: StoreOptions;
  readonly random: Random;
  /** Everything that the application would hear of, in order. */
  heard(node: StoreNode, effect: StoreEffect): void;
  violation(rule: string, what: string): void;
}

export class StoreNode implements Endpoint {
  ended = false;
  /** As the application was told. */
  ready = false;
  /** How often it dropped its store to take a full copy. */
  drops = 0;
  readonly linked = new Map<Incarnation, NodeInfo>();
  /** With whom replication runs, as the application was told. */
  readonly connected = new Set<Incarnation>();
  private readonly congestedPeers = new Set<Incarnation>();
  private readonly inbox: Job[] = [];
  private readonly dials: PeerDials;
  private readonly up = new Set<Incarnation>();
  private quorum = { needed: 0, up: 0 };
  private answeredAt = Infinity;
  private settled = false;
  private wakeAt = Infinity;
  private idleTicks = 0;
  private carrying = false;
  private readonly waiting: StoreEffect[] = [];

  constructor(
    readonly process: Process,
    readonly machine: StoreMachine,
    private readonly around: StoreAround,
  ) {
    this.dials = new PeerDials(around.agenda, around.random, (address) => around.network.dial(this, address));
    around.network.listen(this);
    this.feed({ type: 'start' });
    this.answeredAt = around.agenda.now + 60;
    this.keepLooking();
  }

  get host(): Host {
    return this.process.host;
  }

  get info(): NodeInfo {
    return this.process.info;
  }

  get name(): string {
    return this.info.name.split('@')[0] ?? this.info.name;
  }

  /** The main thread makes no progress. */
  get halted(): boolean {
    return this.process.halted || this.process.main.blocked;
  }

  /** An application could call the store now. */
  get isResponsive(): boolean {
    return !this.ended && !this.halted && this.inbox.length === 0 && !this.process.leaving;
  }

  /** What the control plane saw: it reaches the main thread a little later, in order, and after the view that shows it. */
  event(event: NodeEvent): void {
    this.around.agenda.in(HOP_MS, () => this.inTurn(() => this.look()));
    this.around.agenda.in(HOP_MS, () => this.inTurn(() => this.take(event)));
  }

  opened(peer: NodeInfo): void {
    this.inTurn(() => {
      this.linked.set(peer.incarnation, peer);
      this.congestedPeers.delete(peer.incarnation);
      this.dials.opened(peer.incarnation);
      this.feed({ type: 'linkOpened', peer });
    });
  }

  closed(incarnation: Incarnation): void {
    this.inTurn(() => {
      this.linked.delete(incarnation);
      this.congestedPeers.delete(incarnation);
      this.dials.closed(incarnation);
      this.feed({ type: 'linkClosed', incarnation });
    });
  }

  dialFailed(address: Address): void {
    this.inTurn(() => this.dials.failed(address));
  }

  frame(from: Incarnation, bytes: Uint8Array): void {
    this.inTurn(() => {
      const message = this.around.cast.decode(bytes, this.around.options);
      if (message === undefined)
        return this.around.violation('W5', `the store of ${this.name} cannot read what was sent to it`);
      this.feed({ type: 'message', from, message });
    });
  }

  /** Too much waits on the way to this peer, or no longer. */
  congest(incarnation: Incarnation, isCongested: boolean): void {
    if (!this.linked.has(incarnation) || this.congestedPeers.has(incarnation) === isCongested) return;
    if (isCongested) this.congestedPeers.add(incarnation);
    else this.congestedPeers.delete(incarnation);
    this.feed({ type: isCongested ? 'congested' : 'drained', incarnation });
  }

  drainAll(): void {
    for (const incarnation of this.congestedPeers) this.inTurn(() => this.congest(incarnation, false));
  }

  feed(input: StoreInput): void {
    if (this.ended) return;
    const effects = this.machine.step(input, this.host.read());
    if (this.carrying) {
      this.waiting.push(...effects);
      return;
    }
    this.carrying = true;
    for (const effect of effects) this.carryOut(effect);
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
      this.carryOut(next);
    this.carrying = false;
    this.arm();
  }

  end(): void {
    this.ended = true;
    this.inbox.length = 0;
    this.dials.end();
    this.around.network.end(this);
  }

  private inTurn(job: Job): void {
    if (this.ended) return;
    if (!this.halted && this.inbox.length === 0) return job();
    this.inbox.push(job);
    if (this.inbox.length === 1) this.around.agenda.in(STALL_POLL_MS, () => this.goOn());
  }

  private goOn(): void {
    if (this.ended) return;
    while (!this.halted && this.inbox.length > 0) this.inbox.shift()?.();
    if (this.inbox.length > 0) this.around.agenda.in(STALL_POLL_MS, () => this.goOn());
  }

  private take(event: NodeEvent): void {
    if (event.type === 'nodeUp') {
      this.up.add(event.node.incarnation);
      this.feed({ type: 'peerUp', node: event.node });
      this.dials.want(event.node, this.linked.has(event.node.incarnation));
    } else if (event.type === 'nodeDown') {
      const { incarnation } = event.node;
      this.up.delete(incarnation);
      this.dials.forget(incarnation);
      this.feed({ type: 'peerDown', node: event.node, left: event.reason === 'left' });
      this.around.network.hangUp(this, incarnation);
    }
    this.count();
  }

  private count(): void {
    const view = this.process.view();
    if (view === undefined) return;
    const up = view.members.filter(({ status }) => status !== 'down' && status !== 'left').length;
    if (view.quorum === this.quorum.needed && up === this.quorum.up) return;
    this.quorum = { needed: view.quorum, up };
    this.feed({ type: 'quorum', ...this.quorum });
  }

  private keepLooking(): void {
    if (this.ended || this.settled) return;
    if (!this.halted) this.look();
    this.around.agenda.in(SETTLE_POLL_MS, () => this.keepLooking());
  }

  private look(): void {
    const view = this.process.view();
    if (this.settled || view === undefined) return;
    this.count();
    const knows = (incarnation: Incarnation): boolean =>
      incarnation === this.info.incarnation || this.up.has(incarnation);
    this.settled = this.around.cast.isSettled(view, this.around.agenda.now - this.answeredAt, knows);
    if (this.settled) this.feed({ type: 'settled' });
  }

  private carryOut(effect: StoreEffect): void {
    if (this.ended) return;
    if (effect.type === 'send') {
      const bytes = this.around.cast.encode(effect.message);
      for (const to of effect.to) this.around.network.send(this, to, bytes);
      return;
    }
    if (effect.type === 'connected') this.connected.add(effect.node.incarnation);
    if (effect.type === 'disconnected') this.connected.delete(effect.node.incarnation);
    if (effect.type === 'ready') {
      this.ready = effect.ready;
      if (!effect.ready) this.drops++;
    }
    this.around.heard(this, effect);
  }

  /** Timers are late, as they are; what waits to be sent leaves at the end of the turn. */
  private arm(): void {
    const { agenda, random } = this.around;
    const deadline = this.machine.nextDeadline();
    const isSoon = deadline <= this.host.mono();
    const at = isSoon ? agenda.now : Math.max(this.host.trueTimeOf(deadline), agenda.now) + random();
    if (at >= this.wakeAt || at === Infinity) return;
    this.wakeAt = at;
    agenda.at(at, () => this.inTurn(() => this.wake(at)));
  }

  private wake(at: number): void {
    if (at !== this.wakeAt) return;
    this.wakeAt = Infinity;
    const deadline = this.machine.nextDeadline();
    if (deadline > this.host.mono()) return this.arm();
    this.feed({ type: deadline === -Infinity ? 'flush' : 'tick' });
    this.idleTicks = this.wakeAt <= this.around.agenda.now ? this.idleTicks + 1 : 0;
    if (this.idleTicks > STALLED_TICKS)
      this.around.violation('T3', `the store of ${this.name} asks for a tick and does nothing with it`);
  }
}
