/**
 * The election with nothing but its machines: one Lease and one network, both of them a few lines, so that many hours can be
 * tried, and rules broken to see that it is found out.
 */
import { LeaseMachine } from '../lease-machine.js';
import { NO_GRANT, type Grant, type LeaseEffect, type LeaseInput } from '../lease-step.js';
import type { Candidate, Election, Stage } from './election.fixture.js';
import type { HaltingClock } from './halting-clock.fixture.js';
import { LeaseServer } from './lease-server.fixture.js';

export type Mutant =
  'incarnationless' | 'unchecked' | 'absentIsFree' | 'emptyIsFree' | 'overlong' | 'wallBlind';

export class SimulatedStage implements Stage {
  readonly faults = [];
  readonly server: LeaseServer;
  private lives = 0;

  constructor(
    readonly election: Election,
    /** Breaks a rule, so that the checks can be seen to find it. */
    readonly mutant?: Mutant,
  ) {
    this.server = new LeaseServer(mutant, () => this.announce());
  }

  start(name: string, clock: HaltingClock): Candidate {
    const { timing, random } = this.election;
    const life = String(this.lives++).padStart(4, '0');
    const self = { name, incarnation: this.mutant === 'incarnationless' ? name : life };
    const wrong = this.mutant === 'overlong' ? { ...timing, deadlineMs: timing.leaseMs * 1.2 } : timing;
    const candidate = new MachineCandidate(
      this,
      name,
      clock,
      new LeaseMachine({ ...self, candidate: true, rank: () => 0 }, wrong, random),
    );
    candidate.take({ type: 'tick' });
    return candidate;
  }

  remove(): void {
    this.server.remove();
  }

  touch(): void {
    this.server.touch();
  }

  empty(): void {
    this.server.empty();
  }

  settle(): void {
    // Nothing here takes real time.
  }

  private announce(): void {
    const { candidates, random, weather } = this.election;
    const lease = this.server.read();
    for (const candidate of candidates) {
      if (!(candidate instanceof MachineCandidate) || weather.isSilent || candidate.isCut) continue;
      // Late and out of order.
      const late = random() * (random() < 0.9 ? 50 : 3_000);
      this.election.in(late, () => candidate.take({ type: 'noticed', lease }));
    }
  }
}

class MachineCandidate implements Candidate {
  isAlive = true;
  isCut = false;
  private grant: Grant = NO_GRANT;
  /** What arrives while it stands still. */
  private readonly inbox: LeaseInput[] = [];
  private callOff: () => void = () => undefined;

  constructor(
    private readonly stage: SimulatedStage,
    readonly name: string,
    readonly clock: HaltingClock,
    private readonly machine: LeaseMachine,
  ) {}

  leads(): boolean {
    const { mono, wall } = this.clock.read(this.stage.election.now);
    return mono < this.grant.until && (this.stage.mutant === 'wallBlind' || wall < this.grant.wallUntil);
  }

  stepDown(): void {
    this.take({ type: 'stepDown' });
  }

  stop(): void {
    this.take({ type: 'stop' });
  }

  crash(): void {
    this.callOff();
  }

  cut(isCut: boolean): void {
    this.isCut = isCut;
  }

  halt(): void {
    this.callOff();
  }

  wake(): void {
    const inputs: LeaseInput[] = [...this.inbox.splice(0), { type: 'tick' }];
    if (this.stage.election.random() < 0.5) inputs.reverse();
    for (const input of inputs) this.take(input);
  }

  take(input: LeaseInput): void {
    if (!this.isAlive) return;
    if (this.clock.isHalted) {
      if (input.type !== 'tick') this.inbox.push(input);
      return;
    }
    const { election } = this.stage;
    for (const effect of this.machine.step(input, this.clock.read(election.now))) this.perform(effect);
    this.callOff();
    const wait = this.machine.nextDeadline() - this.clock.read(election.now).mono;
    if (wait === Infinity) return;
    this.callOff = election.in(Math.max(wait, 1) / this.clock.rate, () => this.take({ type: 'tick' }));
  }

  private perform(effect: LeaseEffect): void {
    const { election, server } = this.stage;
    switch (effect.type) {
      case 'read':
        return this.request(() => ({ type: 'read', lease: server.read() }));
      case 'write':
        return this.request(() => server.write(effect.change, this.clock.read(election.now).wall));
      case 'grant':
        this.grant = effect.grant;
        return;
      case 'acquired':
        return election.acquired(effect.token);
      case 'lost':
        // Some work ends at once, some takes its time.
        return void election.in(election.random() < 0.5 ? 0 : election.random() * 3_000, () =>
          this.take({ type: 'workEnded', token: effect.token }),
        );
      case 'leader':
      case 'stuck':
        return;
      case 'stopped':
        return election.stopped(this);
    }
  }

  /** Requests and answers are late, lost, or refused; what is lost on the way back has happened. */
  private request(serve: () => LeaseInput): void {
    const { election } = this.stage;
    const { random, timing, weather } = election;
    const delay = (): number => 1 + random() * 20 + random() * weather.slowMs;
    let isAnswered = false;
    const answer = (input: LeaseInput): void => {
      if (!isAnswered) this.take(input);
      isAnswered = true;
    };
    election.in(timing.requestTimeoutMs, () => answer({ type: 'failed' }));
    if (this.isCut) return;
    const isRefused = random() < weather.failing;
    const isLost = random() < weather.failing / 2;
    election.in(delay(), () => {
      const input: LeaseInput = isRefused
        ? { type: 'failed', ...(random() < 0.3 && { retryAfterMs: 1_000 }) }
        : serve();
      if (!isLost && !this.isCut) election.in(delay(), () => answer(input));
    });
  }
}
