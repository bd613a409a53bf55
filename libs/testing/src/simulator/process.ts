/**
 * One life of one process: it feeds its machine, carries out the effects, and sleeps until the next deadline. While it is
 * paused or its host is suspended nothing is handled, and everything waits (T2, T3).
 */
import { isHeld, NO_LEASE } from '@nest-cluster/protocol';
import type {
  Address,
  Effect,
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
import type { Agenda, Job } from './agenda.js';
import type { Host } from './host.js';
import { MainThread } from './main-thread.js';
import type { Endpoint, Network } from './network.js';

export interface Codec {
  encode(message: Message): Uint8Array;
  decode(bytes: Uint8Array): Message | undefined;
}

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

export interface Surroundings {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly codec: Codec;
  readonly audience: Audience;
  /** Largest time that a leader's work takes to end, in milliseconds. */
  readonly workMsMax: () => number;
}

const STALLED_TICKS = 1_000;
const SLOW_TIMERS = 0.01;
const SLOW_TIMER_MS = 30;

export class Process implements Endpoint {
  readonly main: MainThread;
  ended = false;
  framesSent = 0;
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
  private readonly waiting: Job[] = [];
  private wakeAt = Number.POSITIVE_INFINITY;
  private stalled = 0;
  private hasLeft = false;

  constructor(
    readonly info: NodeInfo,
    readonly host: Host,
    private readonly machine: ControlMachine,
    private readonly random: Random,
    private readonly around: Surroundings,
  ) {
    this.bornAt = around.agenda.now;
    this.main = new MainThread(this, around.agenda, random, around.workMsMax);
  }

  get halted(): boolean {
    return this.paused || this.host.suspended;
  }

  /** `isLeader()`, asked now (L2). */
  isLeader(): boolean {
    return !this.ended && !this.halted && isHeld(this.lease, this.host.read());
  }

  view(): NodeView | undefined {
    return this.machine.view?.();
  }

  handle(input: Input): void {
    if (this.ended) return;
    if (input.type === 'leave') this.hasLeft = true;
    if (this.halted) this.waiting.push(() => this.handle(input));
    else this.step(input);
  }

  opened(peer: NodeInfo): void {
    // Who has left opens no contact (D4).
    if (this.hasLeft) return this.around.network.hangUp(this, peer.incarnation);
    this.around.audience.note?.(this, 'linked', peer.incarnation);
    this.handle({ type: 'linkOpened', peer });
  }

  closed(incarnation: Incarnation): void {
    this.around.audience.note?.(this, 'unlinked', incarnation);
    this.handle({ type: 'linkClosed', incarnation });
  }

  dialFailed(address: Address, refused: boolean): void {
    this.around.audience.note?.(this, refused ? 'refused by' : 'no answer from', address);
    this.handle({ type: 'dialFailed', address, refused });
  }

  frame(from: Incarnation, bytes: Uint8Array): void {
    const message = this.around.codec.decode(bytes);
    if (!message)
      return this.around.audience.violation('W5', `${this.info.name} cannot read what was sent to it`);
    this.around.audience.note?.(this, 'got', from, message);
    this.handle({ type: 'message', from, message });
  }

  end(): void {
    this.ended = true;
    this.lease = NO_LEASE;
    this.waiting.length = 0;
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
    if (this.random() < 0.3) this.step({ type: 'tick' });
    for (const job of this.waiting.splice(0)) job();
    this.wakeAt = Number.POSITIVE_INFINITY;
    this.arm();
  }

  private step(input: Input): void {
    if (this.ended) return;
    for (const effect of this.machine.step(input, this.host.read())) this.perform(effect);
    this.arm();
  }

  private perform(effect: Effect): void {
    const { network, codec, audience } = this.around;
    switch (effect.type) {
      case 'send':
        this.framesSent++;
        audience.note?.(this, 'sends', effect.to, effect.message);
        return network.send(this, effect.to, codec.encode(effect.message));
      case 'dial':
        audience.note?.(this, 'dials', effect.address);
        return network.dial(this, effect.address);
      case 'hangUp':
        audience.note?.(this, 'hangs up', effect.incarnation);
        return network.hangUp(this, effect.incarnation);
      case 'lease':
        return this.setLease(effect.lease);
      case 'event':
        audience.event(this, effect.event);
        if (effect.event.type === 'leadershipLost') this.main.endWork(effect.event.token);
        return;
      default:
      // Measurements for the application are no business of the simulator.
    }
  }

  private setLease(lease: Lease): void {
    this.lease = lease;
    if (lease.until === 0) return;
    this.granted = { lease, trueUntil: this.host.trueTimeOf(lease.until) };
    this.main.beginWork(lease.token);
    this.around.audience.mayLead(this);
  }

  private arm(): void {
    const deadline = this.machine.nextDeadline();
    const due = Math.max(this.host.trueTimeOf(deadline), this.around.agenda.now);
    if (due >= this.wakeAt || due === Number.POSITIVE_INFINITY) return;
    const at = due + this.random() * (this.random() < SLOW_TIMERS ? SLOW_TIMER_MS : 1);
    this.wakeAt = at;
    this.around.agenda.at(at, () => this.wake(at));
  }

  private wake(at: number): void {
    if (this.ended || this.halted || at !== this.wakeAt) return;
    this.wakeAt = Number.POSITIVE_INFINITY;
    if (this.host.mono() < this.machine.nextDeadline()) return this.arm();
    this.step({ type: 'tick' });
    this.stalled = this.machine.nextDeadline() <= this.host.mono() ? this.stalled + 1 : 0;
    if (this.stalled > STALLED_TICKS)
      this.around.audience.violation('T3', `${this.info.name} asks for a tick and does nothing with it`);
  }
}
