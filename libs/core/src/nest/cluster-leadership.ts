/**
 * Whether this node leads, and the work that it does as leader.
 *
 * L2: `isLeader()` compares the end of the lease with the clock at the call, and sends nothing; whoever granted the lease
 * sees to it that it is over after the machine slept (T2). L9: work gets an `AbortSignal` that fires before the lease runs
 * out when a renewal is overdue, and at once on loss. L4: the lease goes back only after the last work of the term has ended.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClusterError, type Guarantee, type LossReason } from '@nest-cluster/protocol';
import { monotonicMs, wallMs } from '../ports/clock.js';
import type { LeaderView, LeadershipProvider, LeadershipSelf } from '../ports/leadership-provider.js';
import { LeaderChangedEvent, LeadershipAcquiredEvent, LeadershipLostEvent } from './cluster-event.js';
import type { ClusterEvents } from './cluster-events.js';
import { isPromiseLike } from './delivery.js';
import { RenewalWatch } from './renewal-watch.js';
import { LeaderTerm, type LeaderWork } from './leader-term.js';
import { OWN_EVENTS } from './tokens.js';
import { within } from './within.js';

/** How long a node that retires waits for its provider to take note, and then for the next leader, in milliseconds. */
const HANDOVER_MS = 1_000;
const SUCCESSOR_MS = 200;

const NOT_LEADING = AbortSignal.abort(new ClusterError('CLUSTER_NOT_LEADER', 'this node does not lead'));

/**
 * Who leads, and what this node does as leader: inject it anywhere. At most one node leads at a time; `guarantee` says how
 * sure that is. `isLeader()` compares the lease (`leadership.leaseMs`, 2,000 ms) with the clock at the call and sends nothing.
 * `@LeaderOnly()` and `runAsLeader()` run work on the leader alone; elsewhere they fail with `CLUSTER_NOT_LEADER`.
 */
@Injectable()
export class ClusterLeadership {
  private readonly logger = new Logger('ClusterLeadership');
  private readonly renewals = new RenewalWatch();
  private readonly inWork = new AsyncLocalStorage<LeaderWork>();
  private readonly unsettled = new Set<LeaderTerm>();
  private provider: LeadershipProvider | undefined;
  private term: LeaderTerm | undefined;
  private knownLeader: LeaderView | null = null;
  private isRetiring = false;
  /** @internal Told before anybody else; the store decides choices by the leader (P4). */
  leaderKnown: (leader: LeaderView | null) => void = () => undefined;
  private starting: Promise<void> | undefined;
  /** False where this node is no candidate, whatever its provider makes of that. */
  private mayLead = true;
  /** It led when it began to retire. */
  private handsOver = false;
  private allSettled: (() => void) | undefined;

  constructor(@Inject(OWN_EVENTS) private readonly events: ClusterEvents) {}

  /** True while this node holds the lease, at this very moment (L1, L2). False before start. */
  isLeader(): boolean {
    const { provider, term } = this;
    if (provider === undefined || term === undefined || term.isOver) return false;
    // The next term may have begun without this thread having heard of the end of the last one (L3).
    const until = provider.leadsUntil(term.token);
    // The clock is read last: a pause between the readings must not keep a deadline alive that passed in it (L1).
    return monotonicMs() < until;
  }

  /** Who leads, as far as this node knows; null when nobody does. */
  get leader(): LeaderView | null {
    return this.provider?.leader() ?? null;
  }

  /**
   * Fencing token; hand it to whatever the work changes, so that it can refuse a smaller one (L3). Inside leader work:
   * that of the term in which the work began. Elsewhere: that of the current term, 0 when this node does not lead.
   */
  get token(): number {
    const work = this.inWork.getStore();
    if (work !== undefined) return work.token;
    return this.isLeader() ? (this.term?.token ?? 0) : 0;
  }

  /**
   * Aborts when the work should stop (L9). Inside leader work, also behind `await`: the signal of that work. Elsewhere:
   * the signal of the current term, aborted when this node does not lead.
   */
  get signal(): AbortSignal {
    const work = this.inWork.getStore();
    if (work !== undefined) return work.signal;
    return this.isLeader() ? (this.term?.signal ?? NOT_LEADING) : NOT_LEADING;
  }

  /** `best-effort` before start (L5). */
  get guarantee(): Guarantee {
    return this.provider?.guarantee ?? 'best-effort';
  }

  /** How leadership is decided: `quorum-lease`, `kubernetes-lease`, …; empty before start. */
  get engine(): string {
    return this.provider?.name ?? '';
  }

  /**
   * Runs the function if this node leads; rejects with `CLUSTER_NOT_LEADER` if not. Until its promise settles, the lease
   * is not given back, so the function should stop soon after the signal aborts.
   */
  async runAsLeader<Result>(
    work: (signal: AbortSignal, token: number) => Promise<Result> | Result,
  ): Promise<Awaited<Result>> {
    const attempt = this.attempt(work);
    if (!attempt.isDone) throw this.refusal();
    return await attempt.result;
  }

  /** Leads no more from now on; another node may take over as soon as running work has ended. */
  stepDown(): void {
    const { provider, term } = this;
    if (provider === undefined || term === undefined || term.isOver) return;
    this.giveUp(provider, term, 'it was asked to step down');
  }

  /** @internal Like `runAsLeader`, with the function's own result, thrown error or promise. */
  attempt<Result>(work: (signal: AbortSignal, token: number) => Result): LeaderAttempt<Result> {
    const { provider, term } = this;
    if (term === undefined || term.isClosed || !this.isLeader()) return { isDone: false };
    // Looked at last, so that the lease that was found to be held is the one of this token.
    if (provider?.token() !== term.token) return { isDone: false };
    const piece = term.begin();
    const ended = () => term.finish(piece);
    let isOpen = false;
    try {
      const result = this.inWork.run(piece, () => work(piece.signal, piece.token));
      if (isPromiseLike(result)) {
        isOpen = true;
        result.then(ended, ended);
      }
      return { isDone: true, result };
    } finally {
      if (!isOpen) ended();
    }
  }

  /** @internal What a caller is told where this node does not lead. */
  refusal(): ClusterError {
    const name = this.leader?.name;
    const who = name === undefined ? 'nobody is known to lead' : `${name} leads`;
    return new ClusterError('CLUSTER_NOT_LEADER', `this node does not lead; ${who}`);
  }

  /** @internal */
  async start(provider: LeadershipProvider, self: LeadershipSelf): Promise<void> {
    this.isRetiring = false;
    this.handsOver = false;
    this.mayLead = self.candidate;
    this.provider = provider;
    this.starting = provider.start(self, {
      acquired: (token) => this.acquired(provider, token),
      lost: (token, reason) => this.lost(token, reason),
      leaderChanged: (leader) => this.leaderChanged(leader),
    });
    await this.starting;
    this.starting = undefined;
  }

  /**
   * @internal No leader work begins from now on; what runs is told to stop and waited for, at most so many milliseconds
   * (N2). Work that goes on longer keeps its lease until it runs out, so that nobody else starts beside it.
   */
  async retire(timeoutMs: number): Promise<void> {
    this.isRetiring = true;
    this.handsOver = this.isLeader();
    this.stepDown();
    if (this.unsettled.size === 0) return;
    const settled = new Promise<void>((resolve) => (this.allSettled = resolve));
    // Without work there is only the provider to wait for.
    const patienceMs = this.isWorking() ? timeoutMs : Math.min(timeoutMs, HANDOVER_MS);
    await within(patienceMs, settled, () => new Error('late')).catch(() => {
      if (!this.isWorking()) return;
      this.logger.warn(
        `leader work still runs ${timeoutMs} ms after it was told to stop; the next leader waits for the lease to run out. ` +
          'Let the work watch its AbortSignal.',
      );
    });
  }

  /** @internal Resolves when another node is known to lead after this one, or after a short while (L6). */
  async successorKnown(): Promise<void> {
    if (!this.handsOver || this.leader !== null) return;
    const led = new Promise<void>((resolve) => {
      const stop = this.events.subscribe(
        'leaderChanged',
        ({ leader }) => {
          if (leader === null) return;
          stop();
          resolve();
        },
        'a shutdown',
      );
    });
    await within(SUCCESSOR_MS, led, () => new Error('late')).catch(() => undefined);
  }

  /** @internal The provider can say nothing more: what it granted is void. */
  forfeit(reason: LossReason): void {
    if (this.term !== undefined) this.lost(this.term.token, reason);
    this.leaderChanged(null);
  }

  /** @internal */
  async stop(): Promise<void> {
    const { provider, starting } = this;
    this.renewals.stop();
    await provider?.stop();
    // One that had not finished starting goes on behind that stop.
    starting?.then(() => provider?.stop()).catch(() => undefined);
    this.forfeit('leaving');
    this.provider = undefined;
  }

  private acquired(provider: LeadershipProvider, token: number): void {
    if (this.term?.token === token) return;
    if (this.term !== undefined) this.lost(this.term.token, 'expired');
    const term = new LeaderTerm(token, () => {
      this.unsettled.delete(term);
      provider.workEnded(token);
      if (this.unsettled.size === 0) this.allSettled?.();
    });
    this.term = term;
    this.unsettled.add(term);
    if (this.isRetiring) return this.giveUp(provider, term, 'this node is shutting down');
    if (!this.mayLead) return this.giveUp(provider, term, 'this node is no candidate');
    this.renewals.watch(
      () => (provider.token() === token ? provider.leadsUntil() - monotonicMs() : 0),
      (isOverdue) => (isOverdue ? term.suspend() : term.resume()),
    );
    term.isTold = true;
    this.logger.log(`this node leads (token ${token})`);
    this.events.emit(new LeadershipAcquiredEvent(token, term.signal, wallMs()));
  }

  private lost(token: number, reason: LossReason): void {
    const { term } = this;
    if (term === undefined || term.token !== token) return;
    this.term = undefined;
    this.renewals.stop();
    term.lost(reason);
    if (!term.isTold) return;
    this.logger.log(`this node leads no more (token ${token}): ${reason}`);
    this.events.emit(new LeadershipLostEvent(token, reason, wallMs()));
  }

  private leaderChanged(leader: LeaderView | null): void {
    const previous = this.knownLeader;
    if (previous?.incarnation === leader?.incarnation && previous?.token === leader?.token) return;
    this.knownLeader = leader;
    this.leaderKnown(leader);
    if (!this.isRetiring) {
      this.logger.log(leader === null ? 'nobody leads' : `${leader.name} leads (token ${leader.token})`);
    }
    this.events.emit(new LeaderChangedEvent(leader, previous, wallMs()));
  }

  private giveUp(provider: LeadershipProvider, term: LeaderTerm, why: string): void {
    if (term.isOver) return;
    term.end(why);
    this.renewals.stop();
    provider.stepDown();
  }

  private isWorking(): boolean {
    for (const term of this.unsettled) if (term.isWorking) return true;
    return false;
  }
}

/** Whether the work was begun, and what it returned. */
export type LeaderAttempt<Result> =
  { readonly isDone: true; readonly result: Result } | { readonly isDone: false };
