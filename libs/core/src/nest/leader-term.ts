/**
 * One term of this node's leadership, and the work that runs under it. Each piece of work has a signal of its own, so
 * that a term of weeks gathers no listeners. The lease is given back only after the last piece has ended (L4, L9).
 */
import { ClusterError } from '@nest-cluster/protocol';

/** One piece of leader work: what the work may look at while it runs. */
export interface LeaderWork {
  /** Fencing token of the term in which the work began (L3). */
  readonly token: number;
  /** Aborts before the lease runs out when a renewal is overdue, and at once on loss (L9). */
  readonly signal: AbortSignal;
}

export class LeaderTerm {
  private controller = new AbortController();
  private readonly running = new Map<LeaderWork, AbortController>();
  /** The application heard of this term, and will hear of its end. */
  isTold = false;
  private over = false;
  private settled = false;

  /** `settledNow` is called once: the provider said that the term is lost, and no work of it runs any more. */
  constructor(
    readonly token: number,
    private readonly settledNow: () => void,
  ) {}

  /** No new work: the term is over, or a renewal is so late that it may be over soon. */
  get isClosed(): boolean {
    return this.over || this.controller.signal.aborted;
  }

  /** This node does not lead under this term any more, whatever the lease says. */
  get isOver(): boolean {
    return this.over;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get isWorking(): boolean {
    return this.running.size > 0;
  }

  begin(): LeaderWork {
    const controller = new AbortController();
    const work = { token: this.token, signal: controller.signal };
    this.running.set(work, controller);
    return work;
  }

  finish(work: LeaderWork): void {
    this.running.delete(work);
    this.settle();
  }

  /** A renewal is overdue: running work is told to stop, before the lease runs out. */
  suspend(): void {
    if (!this.controller.signal.aborted) this.abort('the lease was not renewed in time');
  }

  /** The renewal came after all: new work may begin. */
  resume(): void {
    if (!this.over && this.controller.signal.aborted) this.controller = new AbortController();
  }

  /** Running work is told to stop, and no other begins. */
  end(why: string): void {
    if (this.over) return;
    this.over = true;
    this.abort(why);
  }

  /** The provider says that the term is lost. */
  lost(why: string): void {
    this.end(why);
    this.settled = true;
    this.settle();
  }

  private settle(): void {
    if (this.settled && this.running.size === 0) this.settledNow();
  }

  private abort(why: string): void {
    const reason = new ClusterError('CLUSTER_NOT_LEADER', `this node stopped leading: ${why}`);
    this.controller.abort(reason);
    for (const controller of this.running.values()) controller.abort(reason);
  }
}
