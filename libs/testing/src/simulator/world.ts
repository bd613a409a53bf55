/**
 * Everything there is in one run: hosts, processes, network, true time – and what is true about them, for checkers.
 */
import { seededRandom } from '@nest-cluster/protocol';
import type { Address, Incarnation, NodeEvent, NodeInfo, NodeName, Random } from '@nest-cluster/protocol';
import type { LeadershipOptions, NodeMachineConfig } from '@nest-cluster/protocol';
import type { Instant } from '@nest-cluster/protocol';
import { Agenda } from './agenda.js';
import { Checkers } from './checker.js';
import type { Ending, Violation } from './checker.js';
import { Conditions } from './conditions.js';
import { Host } from './host.js';
import { Network } from './network.js';
import { Process } from './process.js';
import type { Audience, ControlMachine, ProcessAround } from './process.js';
import type { Settings } from './settings.js';
import { nameOf } from './settings.js';
import type { Trace } from './trace.js';
import { Witness } from './witness.js';

/** The code under test: what ships, or a copy of it with one rule broken. */
export interface Cast {
  createMachine(config: NodeMachineConfig, now: Instant): ControlMachine;
}

const DISCOVERY_MS = 15_000;
const DATA_PORT = 45_894;
/** The largest share of lost frames that a healthy network may show (M4). */
export const FAIR_LOSS = 0.1;

export class World {
  readonly agenda = new Agenda();
  readonly random: Random;
  readonly conditions: Conditions;
  readonly network: Network;
  readonly hosts: Host[];
  readonly checkers = new Checkers();
  readonly witnesses = new Map<Process, Witness>();
  /** At most one running process per name, but for a twin. */
  readonly running = new Set<Process>();
  /** Largest time that a leader's work takes to end, in milliseconds. */
  workMsMax = 1_000;
  /** What a process that starts is told about leadership. */
  leadership: LeadershipOptions;
  /** What discovery finds (D1). */
  contactPoints: readonly Address[];
  violation: Violation | undefined;
  /** Raised by everything that may delay what is promised for calm times. */
  disturbances = 0;
  /** Whoever leaves right after this may have nobody to say goodbye to. */
  linksBrokenAt = Number.NEGATIVE_INFINITY;
  private disturbedAt = 0;
  private unfairAt = 0;
  private lingersMs = 0;
  private readonly around: ProcessAround;

  constructor(
    readonly settings: Settings,
    private readonly cast: Cast,
    readonly trace?: Trace,
  ) {
    this.random = seededRandom(settings.seed ^ 0x5eed);
    const { agenda, random } = this;
    this.leadership = settings.leadership;
    this.hosts = settings.rates.map(
      (rate, index) =>
        new Host(index, `host-${index}`, agenda, {
          rate,
          monoOrigin: Math.floor(random() * 1e9),
          wallOffset: settings.wallOffsets[index] ?? 0,
        }),
    );
    this.contactPoints = this.hosts.map(({ index }) => addressOf(index));
    this.conditions = new Conditions(this.hosts.length, seededRandom(random() * 2 ** 32));
    this.conditions.weather = settings.weather;
    this.network = new Network(agenda, this.conditions);
    this.around = {
      agenda,
      network: this.network,
      audience: this.audience(),
      workMsMax: () => this.workMsMax,
    };
  }

  /** Starts a process of this name, on its own host or on one that is free. */
  start(index: number, at?: Host, name = nameOf(index)): Process {
    const host =
      at ??
      this.hosts.find((candidate) => candidate.index === index && this.isFree(candidate)) ??
      this.spare();
    host.lost = false;
    const info: NodeInfo = {
      name: name as NodeName,
      incarnation: this.drawIncarnation(),
      address: addressOf(host.index),
      dataPort: DATA_PORT,
      startedAt: host.wall(),
      priority: 0,
    };
    const random = seededRandom(this.random() * 2 ** 32);
    const { leadership } = this;
    const { membership, size, voters } = this.settings;
    const machine = this.cast.createMachine(
      { self: info, membership, leadership, random, ...(size && { size }), ...(voters && { voters }) },
      host.read(),
    );
    const process = new Process(info, host, machine, random, this.around);
    this.running.add(process);
    this.witnesses.set(process, new Witness());
    this.disturbed(`${info.name} starts as ${info.incarnation.slice(0, 6)}`);
    this.checkers.started(process);
    process.start();
    this.discover(process, this.random() * 50);
    return process;
  }

  /** A host on which nothing runs. */
  spare(): Host {
    const host = this.hosts.find((candidate) => this.isFree(candidate));
    if (!host) throw new RangeError('no host is free');
    return host;
  }

  end(process: Process, how: Ending): void {
    if (process.ended) return;
    this.checkers.ended(process, how);
    process.end();
    this.running.delete(process);
    this.witnesses.delete(process);
    this.disturbed(`${process.info.name} ended: ${how}`);
  }

  /** Something happened that promises for calm times do not cover. */
  disturbed(what: string): void {
    this.disturbances++;
    this.disturbedAt = this.agenda.now;
    // What is on its way may still take as long as the weather had it.
    if (!this.conditions.isFair(FAIR_LOSS)) {
      this.lingersMs = Math.max(this.lingersMs, this.conditions.longestDelay());
      this.unfairAt = Number.POSITIVE_INFINITY;
    } else if (this.unfairAt === Number.POSITIVE_INFINITY) {
      this.unfairAt = this.agenda.now + this.lingersMs;
      this.lingersMs = 0;
    }
    this.trace?.fault(this.agenda.now, what);
  }

  /** No fault is in force, and none was for `ms`. */
  isCalm(ms: number): boolean {
    if (this.agenda.now - this.disturbedAt < ms || !this.isFair(ms)) return false;
    for (const { halted, main, leaving } of this.running) if (halted || main.blocked || leaving) return false;
    return true;
  }

  /** The network lost no more than is fair, and delayed nothing much, for `ms`. */
  isFair(ms: number): boolean {
    return this.agenda.now - this.unfairAt >= ms;
  }

  /** Another process of the same name runs; one of the two is turned away, and sees nobody (T1). */
  hasNamesake(process: Process): boolean {
    for (const other of this.running)
      if (other !== process && other.info.name === process.info.name) return true;
    return false;
  }

  /** How many of those that run have a vote, as an outsider knows. */
  votersRunning(): number {
    const { voters } = this.settings;
    let count = 0;
    for (const { info } of this.running) if (voters?.includes(info.name) ?? true) count++;
    return count;
  }

  /** The process that leads, if one does. */
  leader(): Process | undefined {
    for (const process of this.running) if (process.isLeader()) return process;
    return undefined;
  }

  witness(process: Process): Witness {
    const witness = this.witnesses.get(process);
    if (!witness) throw new Error(`${process.info.name} has ended`);
    return witness;
  }

  violate(rule: string, what: string): void {
    if (this.violation) return;
    this.violation = { rule, what, at: this.agenda.now };
    this.trace?.fault(this.agenda.now, `VIOLATION of ${rule}: ${what}`);
  }

  private isFree(host: Host): boolean {
    for (const process of this.running) if (process.host === host) return false;
    return true;
  }

  private discover(process: Process, ms: number): void {
    this.agenda.in(ms, () => {
      if (process.ended || process.leaving) return;
      process.handle({ type: 'contacts', addresses: this.contactPoints });
      this.discover(process, DISCOVERY_MS * (0.8 + 0.4 * this.random()));
    });
  }

  private drawIncarnation(): Incarnation {
    let digits = '';
    for (let word = 0; word < 4; word++)
      digits += Math.floor(this.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return digits as Incarnation;
  }

  private audience(): Audience {
    const { trace } = this;
    return {
      event: (process: Process, event: NodeEvent) => {
        trace?.event(this.agenda.now, process, event);
        this.witnesses.get(process)?.hear(event);
        this.checkers.event(process, event);
      },
      mayLead: (process: Process) => this.checkers.mayLead(process),
      violation: (rule: string, what: string) => this.violate(rule, what),
      ...(trace?.showsMessages && {
        note: (process, what, peer, message) => trace.note(this.agenda.now, process, what, peer, message),
      }),
    };
  }
}

export function addressOf(hostIndex: number): Address {
  return `host-${hostIndex}:45893` as Address;
}
