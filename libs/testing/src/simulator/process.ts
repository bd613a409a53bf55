/**
 * One life of one process: the drivers that ship, over virtual clocks, timers and links. While it is paused or its host is
 * suspended nothing is handled, and everything waits (T2, T3).
 */
import { Alarm, decodeFrame, Life } from '@nest-cluster/core';
import type { ClusterView, TransportListener } from '@nest-cluster/core';
import { isHeld, NO_LEASE } from '@nest-cluster/protocol';
import type {
  Incarnation,
  Input,
  Lease,
  Machine,
  Message,
  NodeEvent,
  NodeInfo,
  NodeView,
  Random,
} from '@nest-cluster/protocol';
import type { Agenda } from './agenda.js';
import type { Host } from './host.js';
import { MainThread } from './main-thread.js';
import type { Network } from './network.js';
import { Thread } from './thread.js';
import { VirtualTransport } from './virtual-transport.js';
import { WatchedMachine } from './watched-machine.js';

/** A control plane, and what it tells about the cluster when asked. */
export interface ControlMachine extends Machine {
  view?(): NodeView;
}

/** Who hears what a process does: checkers and the trace. */
export interface Audience {
  event(process: Process, event: NodeEvent): void;
  /** From this instant on the process may answer that it leads, when it did not an instant ago. */
  mayLead(process: Process): void;
  violation(rule: string, what: string): void;
  /** Everything between machines, for a trace that shows it. */
  readonly note?: (process: Process, what: string, peer: string, message?: Message) => void;
}

export interface ProcessAround {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly audience: Audience;
  /** Largest time that a leader's work takes to end, in milliseconds. */
  readonly workMsMax: () => number;
}

/** What a machine tells that is asked for nothing. */
const NO_VIEW: NodeView = {
  state: 'red',
  expected: 0,
  quorum: 0,
  guarantee: 'best-effort',
  leader: null,
  members: [],
  silentVoters: [],
};

export class Process {
  readonly main: MainThread;
  readonly transport: VirtualTransport;
  ended = false;
  leaving = false;
  /** True time of its start. */
  readonly bornAt: number;
  paused = false;
  /** What the application reads to know whether it leads: memory that both threads share. */
  lease = NO_LEASE;
  /** The last lease that was not `NO_LEASE`, and the true time at which it ends, as it looked when it was set. */
  granted: { readonly lease: Lease; readonly trueUntil: number } = { lease: NO_LEASE, trueUntil: 0 };
  /** True time at which this process last could not do anything. */
  haltedAt = Number.NEGATIVE_INFINITY;
  private readonly thread: Thread;
  private readonly life: Life;
  private readonly alarm: Alarm;
  hasLeft = false;

  constructor(
    readonly info: NodeInfo,
    readonly host: Host,
    machine: ControlMachine,
    random: Random,
    private readonly around: ProcessAround,
  ) {
    const { agenda, network } = around;
    this.bornAt = agenda.now;
    this.main = new MainThread(this, agenda, random, around.workMsMax);
    this.thread = new Thread(host, agenda, random, () => this.halted);
    this.transport = new VirtualTransport(info, info.address, host, network, this.thread);
    this.life = this.begin(machine);
    this.alarm = new Alarm(() => this.ring(), this.thread);
  }

  get halted(): boolean {
    return this.paused || this.host.suspended;
  }

  /** Its port is open, and its machine begins. */
  start(): void {
    this.transport.start(this.info, this.ears());
    this.handle({ type: 'start' });
  }

  /** `isLeader()`, asked now (L2). */
  isLeader(): boolean {
    return !this.ended && !this.halted && isHeld(this.lease, this.host.read());
  }

  view(): ClusterView {
    return this.life.view();
  }

  handle(input: Input): void {
    this.thread.deliver(() => this.take(input));
  }

  end(): void {
    this.ended = true;
    this.life.end();
    this.alarm.clear();
    this.thread.end();
    this.main.end();
    this.transport.end();
  }

  pause(): void {
    this.paused = true;
    this.haltedAt = Number.POSITIVE_INFINITY;
  }

  /** Goes on after a pause or a suspend. The application may ask before anything that waits is handled. */
  goOn(): void {
    this.paused = false;
    if (this.halted || this.ended) return;
    this.haltedAt = this.around.agenda.now;
    this.around.audience.mayLead(this);
    this.thread.goOn();
    this.main.thread.goOn();
  }

  private begin(machine: ControlMachine): Life {
    const { audience } = this.around;
    const { note } = audience;
    const watched = new WatchedMachine(machine, {
      note: note && ((what, peer, message) => note(this, what, peer, message)),
      stalled: () => audience.violation('T3', `${this.info.name} asks for a tick and does nothing with it`),
    });
    return new Life(
      this.info,
      {
        step: (input, now) => watched.step(input, now),
        nextDeadline: () => watched.nextDeadline(),
        view: () => machine.view?.() ?? NO_VIEW,
      },
      this.transport,
      { set: (lease) => this.setLease(lease), clear: () => this.setLease(NO_LEASE) },
      {
        happened: (event) => this.happened(event),
        probed: () => {},
        failed: (error) => audience.violation('throws', error.stack ?? error.message),
      },
      this.thread,
    );
  }

  private ears(): TransportListener {
    return {
      opened: (peer) => {
        // Who has left opens no contact (D4).
        if (this.hasLeft) return this.transport.hangUp(peer.incarnation);
        this.life.links.set(peer.incarnation, peer);
        this.take({ type: 'linkOpened', peer });
      },
      closed: (incarnation) => {
        this.life.links.delete(incarnation);
        this.take({ type: 'linkClosed', incarnation });
      },
      dialFailed: (address, failure) =>
        this.take({ type: 'dialFailed', address, refused: failure === 'refused' }),
      frame: (from, bytes) => this.hear(from, bytes),
      rejected: () => {},
    };
  }

  private hear(from: Incarnation, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame?.kind !== 'message')
      return this.around.audience.violation('W5', `${this.info.name} cannot read what was sent to it`);
    this.take({ type: 'message', from, message: frame.message });
  }

  private take(input: Input): void {
    this.life.feed(input);
    if (input.type === 'leave') this.part();
    this.alarm.set(this.life.nextDeadline());
  }

  /** Whoever could be told has been told (M5). */
  private part(): void {
    this.hasLeft = true;
    this.life.end();
    for (const peer of this.life.links.keys()) this.transport.hangUp(peer);
  }

  private ring(): void {
    if (this.life.nextDeadline() <= this.thread.mono()) this.take({ type: 'tick' });
    else this.alarm.set(this.life.nextDeadline());
  }

  private happened(event: NodeEvent): void {
    this.around.audience.event(this, event);
    if (event.type === 'leadershipLost') this.main.endWork(event.token);
  }

  private setLease(lease: Lease): void {
    this.lease = lease;
    if (lease.until === 0) return;
    this.granted = { lease, trueUntil: this.host.trueTimeOf(lease.until) };
    this.main.beginWork(lease.token);
    this.around.audience.mayLead(this);
  }
}
