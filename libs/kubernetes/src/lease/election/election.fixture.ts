/**
 * An hour of an election in seconds: candidates with clocks of their own, one Lease on a server that compares and swaps, and
 * everything that goes wrong in between. True time is the election's; no candidate ever sees it. Who the candidates are,
 * and what the server is, is up to the `Stage`.
 */
import { seededRandom } from '@nest-cluster/testing';
import type { LeaseTiming } from '../lease-timing.js';
import { HaltingClock } from './halting-clock.fixture.js';

export interface Candidate {
  readonly name: string;
  readonly clock: HaltingClock;
  isAlive: boolean;
  /** Whether it would say so, if it were asked now. */
  leads(): boolean;
  stepDown(): void;
  stop(): void;
  /** Its process is gone, without a word. */
  crash(): void;
  /** Nothing comes from the server or gets there. */
  cut(isCut: boolean): void;
  /** Its process or machine stands still. */
  halt(): void;
  /** It goes on, with whatever came or was due meanwhile, in either order (T3). */
  wake(): void | Promise<void>;
}

/** What is wrong with the server and the way there; a stage goes by it. */
export interface Weather {
  /** Share of requests that fail. */
  failing: number;
  /** How late requests and answers may be, in milliseconds. */
  slowMs: number;
  /** Watches stay open, and say nothing. */
  isSilent: boolean;
}

export interface Stage {
  start(name: string, clock: HaltingClock): Candidate;
  /** Somebody deletes the Lease. */
  remove(): void;
  /** Somebody changes a label of it. */
  touch(): void;
  /** Somebody empties the holder. */
  empty(): void;
  /** Faults of its own: begins one for so many milliseconds of true time. */
  readonly faults: readonly ((ms: number) => void)[];
  /** Until nothing is under way that takes real time. */
  settle(): void | Promise<void>;
}

export interface ElectionOptions {
  readonly seed: number;
  readonly timing: LeaseTiming;
  readonly candidates: number;
  /** How far clocks may part from true time; default 0.01, which the lease allows for. */
  readonly drift?: number;
}

/** How often somebody looks whether anybody leads, in milliseconds. */
const SAMPLE_MS = 100;

type Act = () => void | Promise<void>;

export class Election {
  now = 0;
  leaderlessMs = 0;
  readonly violations: string[] = [];
  readonly tokens: number[] = [];
  readonly weather: Weather = { failing: 0, slowMs: 0, isSilent: false };
  readonly random: () => number;
  readonly timing: LeaseTiming;
  candidates: readonly Candidate[] = [];
  private readonly agenda: { readonly at: number; readonly act: Act }[] = [];
  private readonly stage: Stage;
  private calmSince = 0;
  private sampledAt = 0;

  constructor(
    private readonly options: ElectionOptions,
    stage: (election: Election) => Stage,
  ) {
    this.random = seededRandom(options.seed);
    this.timing = options.timing;
    this.stage = stage(this);
  }

  /** Runs for so many milliseconds of true time, with a fault every few seconds; to the first violation. */
  async run(ms: number): Promise<this> {
    for (let index = 0; index < this.options.candidates; index++) this.start(`pod-${index}`);
    const nextFault = (): void =>
      void this.in(2_000 + this.random() * 28_000, () => (this.fault(), nextFault()));
    nextFault();
    await this.stage.settle();
    while (this.violations.length === 0) {
      let index = 0;
      this.agenda.forEach((entry, each) => (index = entry.at < (this.agenda[index]?.at ?? 0) ? each : index));
      const [entry] = this.agenda.splice(index, 1);
      this.sampleUntil(Math.min(entry?.at ?? ms, ms));
      if (entry === undefined || entry.at > ms) break;
      this.now = Math.max(this.now, entry.at);
      await entry.act();
      await this.stage.settle();
      this.checkOne();
    }
    return this;
  }

  /** What it returns calls the act off. */
  in(ms: number, act: Act): () => void {
    const entry = { at: this.now + ms, act };
    this.agenda.push(entry);
    return () => {
      const index = this.agenda.indexOf(entry);
      if (index >= 0) this.agenda.splice(index, 1);
    };
  }

  start(name: string): void {
    const { drift = 0.01 } = this.options;
    const rate = 1 - drift + this.random() * 2 * drift;
    const clock = new HaltingClock(rate, this.now, this.random, this.timing.leaseMs * 0.9);
    this.candidates = [...this.candidates, this.stage.start(name, clock)];
  }

  acquired(token: number): void {
    if (token <= (this.tokens.at(-1) ?? 0)) this.violate(`L3: token ${token} does not grow`);
    this.tokens.push(token);
  }

  /** One that stopped of its own accord; another comes in its place. */
  stopped(candidate: Candidate): void {
    candidate.isAlive = false;
    this.in(this.random() * 2_000, () => this.start(candidate.name));
  }

  private checkOne(): void {
    const leaders = this.candidates.filter((each) => this.isLeader(each));
    if (leaders.length > 1) this.violate(`L1: ${leaders.map(({ name }) => name).join(' and ')} lead`);
  }

  private isLeader(candidate: Candidate): boolean {
    return candidate.isAlive && !candidate.clock.isAsleep && candidate.leads();
  }

  private fault(): void {
    const alive = this.candidates.filter(({ isAlive }) => isAlive);
    const some = alive[Math.floor(this.random() * alive.length)];
    const leader = alive.find((each) => this.isLeader(each));
    const victim = this.random() < 0.6 ? (leader ?? some) : some;
    if (victim === undefined) return;
    const ms = this.random() * (this.random() < 0.7 ? 5_000 : 40_000);
    const faults = [
      ...this.weatherFaults(ms),
      ...this.victimFaults(victim, ms),
      () => this.stage.remove(),
      () => this.stage.touch(),
      () => this.stage.empty(),
      ...this.stage.faults.map((begin) => () => {
        begin(ms);
        this.disturb(ms);
      }),
    ];
    faults[Math.floor(this.random() * faults.length)]?.();
    this.disturb(0);
  }

  private weatherFaults(ms: number): readonly (() => void)[] {
    const { weather } = this;
    const during = (begin: Partial<Weather>, end: Partial<Weather>) => () => {
      Object.assign(weather, begin);
      this.in(ms, () => void Object.assign(weather, end));
      this.disturb(ms);
    };
    return [
      during({ failing: this.random() }, { failing: 0 }),
      during({ failing: 1 }, { failing: 0 }),
      during({ slowMs: this.random() * 6_000 }, { slowMs: 0 }),
      during({ isSilent: true }, { isSilent: false }),
    ];
  }

  private victimFaults(victim: Candidate, ms: number): readonly (() => void)[] {
    const resume = (): void | Promise<void> => {
      victim.clock.resume(this.now);
      this.checkOne();
      return victim.wake();
    };
    const halt = (begin: () => void) => () => {
      begin();
      victim.halt();
      this.in(ms, resume);
      this.disturb(ms);
    };
    return [
      () => {
        victim.cut(true);
        this.in(ms, () => victim.cut(false));
        this.disturb(ms);
      },
      halt(() => victim.clock.pause()),
      halt(() => victim.clock.suspend(this.now)),
      () => victim.stepDown(),
      () => victim.stop(),
      () => this.crash(victim),
      // The pod is forgotten by its controller, but runs on.
      () => (this.start(victim.name), this.in(30_000, () => this.crash(victim, false))),
      () => (victim.clock.wallOffset = (this.random() - 0.5) * this.timing.leaseMs * 0.9),
    ];
  }

  private crash(victim: Candidate, comesBack = true): void {
    if (!victim.isAlive) return;
    victim.isAlive = false;
    victim.crash();
    this.disturb(0);
    if (comesBack) this.in(this.random() * 3_000, () => this.start(victim.name));
    this.candidates = this.candidates.filter(({ isAlive }) => isAlive);
  }

  /** From now on for so many milliseconds, nobody need lead. */
  private disturb(ms: number): void {
    this.calmSince = Math.max(this.calmSince, this.now + ms);
  }

  private sampleUntil(end: number): void {
    for (; this.sampledAt < end; this.sampledAt += SAMPLE_MS) {
      this.now = Math.max(this.now, this.sampledAt);
      this.checkOne();
      this.checkLeader();
    }
  }

  /** With nothing wrong for the time of two leases, somebody leads. */
  private checkLeader(): void {
    if (this.candidates.some((each) => this.isLeader(each))) return;
    this.leaderlessMs += SAMPLE_MS;
    const calm = this.now - this.calmSince;
    if (calm > this.timing.leaseMs * 2.5) this.violate(`L6: nobody leads, with nothing wrong for ${calm} ms`);
  }

  private violate(what: string): void {
    this.violations.push(`seed ${this.options.seed}, ${(this.now / 1000).toFixed(1)} s: ${what}`);
  }
}
