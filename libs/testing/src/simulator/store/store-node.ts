/**
 * The data plane of one simulated process: the driver that ships, on the virtual main thread, told who is up by the events
 * of its own control plane, over links of its own.
 */
import { contactPoint, parseContactPoint, ReplicaHost, StoreSettling } from '@nest-cluster/core';
import type { DrivenReplica, ReplicaNews } from '@nest-cluster/core';
import type {
  Address,
  Incarnation,
  NodeEvent,
  NodeInfo,
  StoreInput,
  StoreOptions,
} from '@nest-cluster/protocol';
import type { Agenda } from '../agenda.js';
import type { Host } from '../host.js';
import type { Network } from '../network.js';
import type { Process } from '../process.js';
import { VirtualTransport } from '../virtual-transport.js';
import type { StoreCast, StoreUnderTest } from './store-cast.js';

/** From the protocol's thread to the main thread. */
const HOP_MS = 0.05;
/** How long discovery takes to answer, at most. */
const DISCOVERY_MS = 60;
const STALLED_TICKS = 2_000;

export interface StoreAround {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly isSettled: StoreCast['isSettled'];
  readonly options: StoreOptions;
  readonly voters: ReadonlySet<string> | undefined;
  /** Everything that the application would hear of, in order. */
  heard(node: StoreNode, news: ReplicaNews): void;
  violation(rule: string, what: string): void;
}

export class StoreNode {
  ended = false;
  /** When the application was told that it is ready. */
  readyAt: number | undefined;
  /** How often its store was replaced by that of the side that was kept. */
  drops = 0;
  /** With whom replication runs, as the application was told, and since when. */
  readonly connected = new Map<Incarnation, number>();
  private readonly transport: VirtualTransport;
  private readonly replica: ReplicaHost;
  private readonly settling: StoreSettling;
  private ticksInVain = 0;

  constructor(
    readonly process: Process,
    readonly machine: StoreUnderTest,
    private readonly around: StoreAround,
  ) {
    const { options, voters } = around;
    const { info, main } = process;
    const host = parseContactPoint(info.address)?.host ?? '';
    const address = contactPoint(host, info.dataPort) as Address;
    this.transport = new VirtualTransport(info, address, process.host, around.network, main.thread);
    this.replica = new ReplicaHost(
      { self: info, machine: this.driven(), transport: this.transport, options, voters, around: main.thread },
      {
        carryOut: (news) => this.carryOut(news),
        rejected: (reason) => around.violation('W5', `the store of ${this.name} turned ${reason} away`),
        unreachable: () => {},
        failed: (error) => around.violation('throws', error.stack ?? error.message),
      },
    );
    this.settling = new StoreSettling(() => process.view(), this.replica, main.thread, around.isSettled);
  }

  get ready(): boolean {
    return this.readyAt !== undefined;
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
    return this.process.main.thread.halted;
  }

  /** An application could call the store now. */
  get isResponsive(): boolean {
    return !this.ended && !this.halted && this.process.main.thread.isIdle && !this.process.leaving;
  }

  start(): void {
    this.replica.start();
    this.count();
    this.settling.start(DISCOVERY_MS);
  }

  /** What the control plane saw: it reaches the main thread a little later, in order, and after the view that shows it. */
  event(event: NodeEvent): void {
    this.around.agenda.in(HOP_MS, () =>
      this.process.main.run(() => {
        this.count();
        this.settling.look();
        this.replica.event(event);
        if (event.type === 'leaderChanged')
          this.replica.leads(event.leader?.node.incarnation, event.leader?.token ?? 0);
      }),
    );
  }

  /** What an application asks for. */
  feed(input: StoreInput): void {
    this.replica.feed(input);
  }

  /** This peer takes nothing that it is sent, or everything. */
  congest(incarnation: Incarnation, isCongested: boolean): void {
    if (isCongested) this.transport.stuff(incarnation);
    else this.transport.drain(incarnation);
  }

  drainAll(): void {
    this.transport.drainAll();
  }

  end(): void {
    this.ended = true;
    this.settling.stop();
    this.replica.end();
    this.transport.end();
  }

  private count(): void {
    const { quorum, members } = this.process.view();
    const present = members.filter(({ status }) => status !== 'down' && status !== 'left');
    this.replica.counted(
      quorum,
      present.map(({ node }) => node),
    );
  }

  private carryOut(news: ReplicaNews): void {
    if (this.ended) return;
    if (news.type === 'connected') this.connected.set(news.node.incarnation, this.around.agenda.now);
    if (news.type === 'disconnected') this.connected.delete(news.node.incarnation);
    if (news.type === 'ready') this.readyAt ??= this.around.agenda.now;
    if (news.type === 'replaced') this.drops++;
    this.around.heard(this, news);
  }

  /** The machine, with its invariants looked at after every step, and its deadlines, too (T3). */
  private driven(): DrivenReplica {
    const { machine } = this;
    return {
      step: (input, now) => {
        const effects = machine.step(input, now);
        this.look();
        const isDue = input.type === 'tick' && machine.nextDeadline() <= now.mono;
        this.ticksInVain = isDue ? this.ticksInVain + 1 : 0;
        if (this.ticksInVain > STALLED_TICKS)
          this.around.violation('T3', `the store of ${this.name} asks for a tick and does nothing with it`);
        return effects;
      },
      nextDeadline: () => machine.nextDeadline(),
    };
  }

  private look(): void {
    try {
      this.machine.check();
    } catch (cause) {
      this.around.violation(
        'invariant',
        `${this.name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  }
}
