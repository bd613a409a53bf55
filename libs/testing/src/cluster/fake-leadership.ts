/**
 * Leadership that a unit test decides on: for classes with leader-only methods, without a cluster and without Nest.
 */
import { bindLeadership, ClusterError, ClusterEvents, ClusterLeadership } from '@nest-cluster/core';

export interface FakeLeadershipOptions {
  /** Whether it leads at first. Default true. */
  readonly leads?: boolean;
  /** Fencing token of the first term; each later term has the next one. Default 1. */
  readonly token?: number;
  /** Name of the node that leads while this one does not. By default nobody does. */
  readonly leader?: string;
}

type Leader = ClusterLeadership['leader'];
type Attempt<Result> = { readonly isDone: true; readonly result: Result } | { readonly isDone: false };

/** In place of a `ClusterLeadership`: given to a constructor, as a provider of a testing module, or bound to an instance. */
export class FakeLeadership extends ClusterLeadership {
  readonly #other: string | undefined;
  #controller = new AbortController();
  #isLeading: boolean;
  #token: number;

  constructor({ leads = true, token = 1, leader }: FakeLeadershipOptions = {}) {
    super(new ClusterEvents());
    this.#isLeading = leads;
    this.#token = leads ? token : token - 1;
    this.#other = leader;
  }

  /** Leads from now on, under the next token. */
  lead(): void {
    if (this.#isLeading) return;
    this.#isLeading = true;
    this.#token += 1;
    this.#controller = new AbortController();
  }

  /** Leads no more from now on; `signal` aborts. */
  lose(): void {
    this.#isLeading = false;
    this.#controller.abort(new ClusterError('CLUSTER_NOT_LEADER', 'the test took the leadership away'));
  }

  /** Lets the leader-only methods of this instance, which Nest has not built, ask this leadership. Returns the instance. */
  bind<Instance extends object>(instance: Instance): Instance {
    bindLeadership(instance, this);
    return instance;
  }

  override isLeader(): boolean {
    return this.#isLeading;
  }

  override get leader(): Leader {
    const name = this.#isLeading ? 'this node' : this.#other;
    return name === undefined ? null : { name, incarnation: name, token: this.#token };
  }

  override get token(): number {
    return this.#isLeading ? this.#token : 0;
  }

  override get signal(): AbortSignal {
    return this.#isLeading ? this.#controller.signal : AbortSignal.abort(this.refusal());
  }

  override get engine(): string {
    return 'fake';
  }

  override stepDown(): void {
    this.lose();
  }

  override attempt<Result>(work: (signal: AbortSignal, token: number) => Result): Attempt<Result> {
    return this.#isLeading ? { isDone: true, result: work(this.signal, this.token) } : { isDone: false };
  }
}

/** Leads unless `{ leads: false }` says otherwise; `lead()` and `lose()` change that later. */
export function fakeLeadership(options?: FakeLeadershipOptions): FakeLeadership {
  return new FakeLeadership(options);
}
