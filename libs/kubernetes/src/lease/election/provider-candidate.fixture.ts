/**
 * A candidate that is the real provider, in a process of its own as far as it can tell: its clocks, its timers and its
 * connections are the stage's.
 */
import type { Surroundings } from '../../api/surroundings.js';
import { KubernetesLease } from '../kubernetes-lease.js';
import type { LoadKubeConfig } from '../../api/kube-access.js';
import type { Candidate, Election } from './election.fixture.js';
import type { HaltingClock } from './halting-clock.fixture.js';
import { StallingRelay } from './stalling-relay.fixture.js';

/** The server, and what lies between it and a candidate. */
export interface Outside {
  readonly election: Election;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly serverPort: number;
  /** Nobody gets through to the server. */
  readonly isOut: boolean;
  /** A kubeconfig as a pod has one, for a server that is reached by this port. */
  readonly kubeConfig: (port: number) => ReturnType<LoadKubeConfig>;
  /** To be called whenever a byte or a connection did. */
  readonly moved: () => void;
  /** Something is under way that the election waits for. */
  readonly wait: (work: Promise<unknown>) => void;
  readonly settle: () => Promise<void>;
}

let lives = 0;

export class ProviderCandidate implements Candidate {
  isAlive = true;
  private isCut = false;
  private readonly lease: KubernetesLease;
  private relay: StallingRelay | undefined;
  /** Timers that came due while it stood still. */
  private readonly due: (() => void)[] = [];

  constructor(
    private readonly stage: Outside,
    readonly name: string,
    readonly clock: HaltingClock,
  ) {
    const { timing } = stage.election;
    const options = {
      ...stage.lease,
      leaseSeconds: timing.leaseMs / 1000,
      kubeConfig: () => stage.kubeConfig(this.relay?.port ?? 0),
    };
    this.lease = new KubernetesLease(options, {}, this.surroundings());
  }

  async begin(): Promise<void> {
    const { election, serverPort, moved } = this.stage;
    this.relay = await StallingRelay.start(serverPort, moved);
    this.refuse();
    const incarnation = String(lives++).padStart(32, '0');
    await this.lease.start(
      { cluster: 'shop', name: this.name, incarnation, candidate: true, priority: 0, rank: () => 0 },
      {
        acquired: (token) => {
          if (this.isAlive) election.acquired(token);
        },
        // Some work ends at once, some takes its time.
        lost: (token) =>
          void election.in(
            election.random() < 0.5 ? 0 : election.random() * 3_000,
            this.awake(() => this.lease.workEnded(token)),
          ),
        leaderChanged: () => undefined,
      },
    );
  }

  leads(): boolean {
    return this.lease.leadsUntil() > 0;
  }

  stepDown(): void {
    this.awake(() => this.lease.stepDown())();
  }

  stop(): void {
    this.awake(() => {
      void this.lease.stop().then(() => {
        if (!this.isAlive) return;
        this.stage.election.stopped(this);
        this.crash();
      });
    })();
  }

  crash(): void {
    this.isAlive = false;
    if (this.relay) this.stage.wait(this.relay.close());
  }

  cut(isCut: boolean): void {
    this.isCut = isCut;
    this.flow();
  }

  halt(): void {
    this.flow();
  }

  async wake(): Promise<void> {
    const timersFirst = this.stage.election.random() < 0.5;
    if (!timersFirst) {
      this.flow();
      await this.stage.settle();
    }
    for (const act of this.due.splice(0)) this.awake(act)();
    this.flow();
  }

  /** As the stage has it now. */
  refuse(): void {
    this.relay?.refuse(this.stage.isOut);
  }

  private flow(): void {
    this.relay?.stall(this.isCut || this.clock.isHalted);
  }

  /** The act as this process does it: not when it is gone, and later when it stands still. */
  private awake(act: () => void): () => void {
    return () => {
      if (!this.isAlive) return;
      if (this.clock.isHalted) this.due.push(act);
      else act();
    };
  }

  private surroundings(): Surroundings {
    const { election } = this.stage;
    return {
      clocks: () => this.clock.read(election.now),
      random: election.random,
      after: (ms, act) => {
        let isOff = false;
        const unlessOff = (): void => {
          if (!isOff) act();
        };
        const callOff = election.in(Math.max(ms, 1) / this.clock.rate, this.awake(unlessOff));
        return () => {
          isOff = true;
          callOff();
        };
      },
    };
  }
}
