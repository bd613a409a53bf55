/**
 * A few leadership machines on one table, with a clock that the test turns and a post that it may hold back.
 */
import type { Member, NodeEvent } from '../event.js';
import { isHeld, NO_LEASE, type Effect, type Input, type Lease } from '../machine.js';
import type { Message } from '../message.js';
import type { Address, Incarnation, NodeInfo, NodeName, NodeStatus } from '../node.js';
import { LEADERSHIP_DEFAULTS, type LeadershipOptions } from '../options.js';
import { seededRandom } from '../random.js';
import { Leadership } from './leadership.js';

export interface Letter {
  readonly from: string;
  readonly to: string;
  readonly message: Message;
}

interface Seat {
  readonly info: NodeInfo;
  readonly machine: Leadership;
  lease: Lease;
  readonly events: NodeEvent[];
  status: NodeStatus;
}

export interface CouncilOptions {
  readonly size?: number;
  readonly voters?: readonly string[];
  readonly leadership?: Partial<LeadershipOptions>;
}

export class Council {
  readonly seats = new Map<string, Seat>();
  private readonly post: Letter[] = [];
  mono = 1_000_000;
  wall = 1_700_000_000_000;
  /** Letters that this says true of are lost. */
  loses: (letter: Letter) => boolean = () => false;

  constructor(private readonly options: CouncilOptions) {}

  get now() {
    return { mono: this.mono, wall: this.wall };
  }

  info(id: string, name = id, priority = 0): NodeInfo {
    return {
      name: name as NodeName,
      incarnation: id as Incarnation,
      address: `${name}:1` as Address,
      dataPort: 0,
      startedAt: this.wall,
      priority,
    };
  }

  /** A process starts; the name stays the same over restarts, the id does not. */
  join(id: string, name = id, priority = 0): void {
    const info = this.info(id, name, priority);
    const { size, voters, leadership } = this.options;
    const machine = new Leadership(
      {
        self: info,
        options: { ...LEADERSHIP_DEFAULTS, ...leadership },
        random: seededRandom(this.seats.size + 1),
        members: () => this.everybody(),
        ...(size === undefined ? {} : { size }),
        ...(voters === undefined ? {} : { voters }),
      },
      this.now,
    );
    this.seats.set(id, { info, machine, lease: NO_LEASE, events: [], status: 'up' });
    this.showEverybody();
  }

  /** The process is gone, and everybody knows. */
  crash(id: string, status: 'down' | 'left' = 'down'): void {
    this.seat(id).status = status;
    this.showEverybody();
  }

  /** The node stays, but shows as this to all. */
  mark(id: string, status: NodeStatus): void {
    this.seat(id).status = status;
    this.showEverybody();
  }

  input(id: string, input: Input): void {
    this.carryOut(id, this.seat(id).machine.step(input, this.now));
    this.deliver();
  }

  /** Turns the clocks on, waking machines when they asked for it. */
  pass(ms: number): void {
    const end = this.mono + ms;
    for (;;) {
      const next = Math.min(...this.running().map(([, { machine }]) => machine.nextDeadline()));
      if (next > end) break;
      this.turnTo(Math.max(next, this.mono));
      for (const [id, { machine }] of this.running()) {
        if (machine.nextDeadline() <= this.mono) this.input(id, { type: 'tick' });
      }
      this.mono += 0.5;
      this.wall += 0.5;
    }
    this.turnTo(end);
  }

  leaders(): string[] {
    return this.running()
      .filter(([, { lease }]) => isHeld(lease, this.now))
      .map(([id]) => id);
  }

  token(id: string): number {
    return this.seat(id).lease.token;
  }

  seat(id: string): Seat {
    const seat = this.seats.get(id);
    if (!seat) throw new Error(`nobody called ${id} sits here`);
    return seat;
  }

  private running(): [string, Seat][] {
    return [...this.seats].filter(([, { status }]) => status !== 'down' && status !== 'left');
  }

  private turnTo(mono: number): void {
    this.wall += mono - this.mono;
    this.mono = mono;
  }

  private everybody(): Member[] {
    return Array.from(this.seats.values(), ({ info, status }) => ({
      node: info,
      status,
      upSince: info.startedAt,
      seen: true,
    }));
  }

  private showEverybody(): void {
    const members = this.everybody();
    for (const [id, { machine }] of this.running()) this.carryOut(id, machine.observe(members, this.now));
    this.deliver();
  }

  private carryOut(from: string, effects: readonly Effect[]): void {
    const sender = this.seat(from);
    for (const effect of effects) {
      if (effect.type === 'lease') sender.lease = effect.lease;
      if (effect.type === 'event') sender.events.push(effect.event);
      if (effect.type === 'send') this.post.push({ from, to: effect.to, message: effect.message });
    }
  }

  private deliver(): void {
    for (let letter = this.post.shift(); letter; letter = this.post.shift()) {
      const { from, to, message } = letter;
      if (!this.running().some(([id]) => id === to) || this.loses(letter)) continue;
      const input: Input = { type: 'message', from: from as Incarnation, message };
      this.carryOut(to, this.seat(to).machine.step(input, this.now));
    }
  }
}
