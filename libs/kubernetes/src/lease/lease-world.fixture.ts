/**
 * An hour of an election in a second: candidates with clocks of their own, one Lease on a server that compares and swaps,
 * and everything that goes wrong in between. True time is the world's; no candidate ever sees it.
 */
import { Candidate } from './lease-candidate.fixture.js';
import { LeaseMachine } from './lease-machine.js';
import { LeaseServer } from './lease-server.fixture.js';
import type { LeaseEffect, LeaseInput } from './lease-step.js';
import type { LeaseTiming } from './lease-timing.js';

export type Mutant = 'incarnationless' | 'unchecked' | 'absentIsFree' | 'overlong' | 'wallBlind';

export interface WorldOptions {
  readonly seed: number;
  readonly timing: LeaseTiming;
  readonly candidates: number;
  /** Breaks a rule, so that the checks can be seen to find it. */
  readonly mutant?: Mutant;
}

/** Small and fast: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class World {
  now = 0;
  readonly violations: string[] = [];
  readonly tokens: number[] = [];
  leaderlessMs = 0;
  private readonly random: () => number;
  private readonly agenda: { at: number; act: () => void }[] = [];
  private readonly candidates: Candidate[] = [];
  private readonly server: LeaseServer;
  private lives = 0;
  private failing = 0;
  private slowMs = 0;
  private watchSilent = false;
  private calmSince = 0;

  constructor(private readonly options: WorldOptions) {
    this.random = seeded(options.seed);
    this.server = new LeaseServer(options.mutant, () => this.announce());
    for (let index = 0; index < options.candidates; index++) this.start(`pod-${index}`);
  }

  /** Runs for so many milliseconds of true time, with a fault every few seconds. */
  run(ms: number): void {
    const end = this.now + ms;
    const nextFault = (): void => this.in(2_000 + this.random() * 28_000, () => (this.fault(), nextFault()));
    nextFault();
    const sample = (): void => this.in(100, () => (this.checkLeader(100), sample()));
    sample();
    while (this.violations.length === 0) {
      let index = 0;
      this.agenda.forEach((entry, each) => (index = entry.at < (this.agenda[index]?.at ?? 0) ? each : index));
      const [entry] = this.agenda.splice(index, 1);
      if (entry === undefined || entry.at > end) return;
      this.now = Math.max(this.now, entry.at);
      entry.act();
    }
  }

  private in(ms: number, act: () => void): void {
    this.agenda.push({ at: this.now + ms, act });
  }

  private start(name: string): void {
    const life = String(this.lives++).padStart(4, '0');
    const { timing, mutant } = this.options;
    const self = { name, incarnation: mutant === 'incarnationless' ? name : life };
    const wrong = mutant === 'overlong' ? { ...timing, deadlineMs: timing.leaseMs * 1.2 } : timing;
    const candidate = new Candidate(
      name,
      new LeaseMachine(self, wrong, this.random),
      0.99 + this.random() * 0.02,
      this.random() * 1e9 - this.now,
      (this.random() - 0.5) * timing.leaseMs * 0.9,
    );
    this.candidates.push(candidate);
    this.handle(candidate, { type: 'tick' });
  }

  private isLeader(candidate: Candidate): boolean {
    return candidate.isLeader(this.now, this.options.mutant === 'wallBlind' ? 'mono' : 'both');
  }

  private handle(candidate: Candidate, input: LeaseInput): void {
    if (!candidate.isAlive) return;
    if (candidate.isHalted) {
      if (input.type !== 'tick') candidate.inbox.push(input);
      return;
    }
    for (const effect of candidate.machine.step(input, candidate.clocks(this.now)))
      this.perform(candidate, effect);
    this.arm(candidate);
  }

  private arm(candidate: Candidate): void {
    const timer = ++candidate.timer;
    const wait =
      Math.max(candidate.machine.nextDeadline() - candidate.clocks(this.now).mono, 1) / candidate.rate;
    if (wait === Infinity) return;
    this.in(wait, () => {
      if (candidate.timer === timer) this.handle(candidate, { type: 'tick' });
    });
  }

  private perform(candidate: Candidate, effect: LeaseEffect): void {
    switch (effect.type) {
      case 'read':
        return this.request(candidate, () => ({ type: 'read', lease: this.server.read() }));
      case 'write':
        return this.request(candidate, () =>
          this.server.write(effect.change, candidate.clocks(this.now).wall),
        );
      case 'grant':
        candidate.grant = effect.grant;
        return this.checkOne();
      case 'acquired':
        if (effect.token <= (this.tokens.at(-1) ?? 0))
          this.violate(`L3: token ${effect.token} does not grow`);
        this.tokens.push(effect.token);
        return;
      case 'lost':
        // Some work ends at once, some takes its time.
        return this.in(this.random() < 0.5 ? 0 : this.random() * 3_000, () =>
          this.handle(candidate, { type: 'workEnded', token: effect.token }),
        );
      case 'leader':
        return;
      case 'stopped':
        candidate.isAlive = false;
        this.in(this.random() * 2_000, () => this.start(candidate.name));
    }
  }

  /** Requests and answers are late, lost, or refused; what is lost on the way back has happened. */
  private request(candidate: Candidate, serve: () => LeaseInput): void {
    const { requestTimeoutMs } = this.options.timing;
    const delay = (): number => 1 + this.random() * 20 + this.random() * this.slowMs;
    let isAnswered = false;
    const answer = (input: LeaseInput): void => {
      if (!isAnswered) this.handle(candidate, input);
      isAnswered = true;
    };
    this.in(requestTimeoutMs, () => answer({ type: 'failed' }));
    if (candidate.isCut) return;
    const isRefused = this.random() < this.failing;
    const isLost = this.random() < this.failing / 2;
    this.in(delay(), () => {
      const input: LeaseInput = isRefused
        ? { type: 'failed', ...(this.random() < 0.3 && { retryAfterMs: 1_000 }) }
        : serve();
      if (!isLost && !candidate.isCut) this.in(delay(), () => answer(input));
    });
  }

  private announce(): void {
    const lease = this.server.read();
    for (const candidate of this.candidates) {
      if (this.watchSilent || candidate.isCut) continue;
      // Late and out of order.
      this.in(this.random() * (this.random() < 0.9 ? 50 : 3_000), () =>
        this.handle(candidate, { type: 'noticed', lease }),
      );
    }
  }

  private fault(): void {
    const alive = this.candidates.filter(({ isAlive }) => isAlive);
    const some = alive[Math.floor(this.random() * alive.length)];
    const leader = alive.find((each) => this.isLeader(each));
    const victim = this.random() < 0.6 ? (leader ?? some) : some;
    if (victim === undefined) return;
    const ms = this.random() * (this.random() < 0.7 ? 5_000 : 40_000);
    const during = (begin: () => void, end: () => void): void => {
      begin();
      this.disturb(ms);
      this.in(ms, end);
    };
    const faults: (() => void)[] = [
      () =>
        during(
          () => (this.failing = this.random()),
          () => (this.failing = 0),
        ),
      () =>
        during(
          () => (this.failing = 1),
          () => (this.failing = 0),
        ),
      () =>
        during(
          () => (this.slowMs = this.random() * 6_000),
          () => (this.slowMs = 0),
        ),
      () =>
        during(
          () => (this.watchSilent = true),
          () => (this.watchSilent = false),
        ),
      () =>
        during(
          () => (victim.isCut = true),
          () => (victim.isCut = false),
        ),
      () =>
        during(
          () => victim.pause(),
          () => this.resume(victim),
        ),
      () =>
        during(
          () => victim.suspend(this.now),
          () => this.resume(victim),
        ),
      () => this.handle(victim, { type: 'stepDown' }),
      () => this.handle(victim, { type: 'stop' }),
      () => this.crash(victim),
      // The pod is forgotten by its controller, but runs on.
      () => (this.start(victim.name), this.in(30_000, () => this.crash(victim, false))),
      () => this.server.remove(),
      () => this.server.touch(),
      () => (victim.wallOffset = (this.random() - 0.5) * this.options.timing.leaseMs * 0.9),
    ];
    faults[Math.floor(this.random() * faults.length)]?.();
    this.disturb(0);
  }

  private crash(victim: Candidate, comesBack = true): void {
    if (!victim.isAlive) return;
    victim.isAlive = false;
    this.disturb(0);
    if (comesBack) this.in(this.random() * 3_000, () => this.start(victim.name));
    this.candidates.splice(0, this.candidates.length, ...this.candidates.filter(({ isAlive }) => isAlive));
  }

  private resume(candidate: Candidate): void {
    candidate.resume(this.now);
    this.checkOne();
    // Whichever comes first: the timer that is due, or what arrived meanwhile (T3).
    const inputs: LeaseInput[] = [...candidate.inbox.splice(0), { type: 'tick' }];
    if (this.random() < 0.5) inputs.reverse();
    for (const input of inputs) this.handle(candidate, input);
  }

  private disturb(ms: number): void {
    this.calmSince = Math.max(this.calmSince, this.now + ms);
  }

  private checkOne(): void {
    const leaders = this.candidates.filter((each) => this.isLeader(each));
    if (leaders.length > 1) this.violate(`L1: ${leaders.map(({ name }) => name).join(' and ')} lead`);
  }

  /** With nothing wrong for the time of two leases, somebody leads. */
  private checkLeader(ms: number): void {
    this.checkOne();
    if (this.candidates.some((each) => this.isLeader(each))) return;
    this.leaderlessMs += ms;
    const calm = this.now - Math.max(this.calmSince, 0);
    if (calm > this.options.timing.leaseMs * 2.5)
      this.violate(`L6: nobody leads, with nothing wrong for ${calm} ms`);
  }

  private violate(what: string): void {
    this.violations.push(`seed ${this.options.seed}, ${(this.now / 1000).toFixed(1)} s: ${what}`);
  }
}
