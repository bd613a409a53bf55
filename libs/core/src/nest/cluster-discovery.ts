/**
 * Asks the strategy for contact points, again and again, for as long as this node is in the cluster.
 *
 * D2: it never ends; the pauses are jittered, and grow after errors. D3: a strategy that throws, hangs or returns rubbish is
 * logged once per change, counted, and asked again. D4: before this node leaves, the strategy is stopped.
 */
import { Injectable, Logger } from '@nestjs/common';
import { ClusterError, type Address } from '@nest-cluster/protocol';
import type { ClusterStrategy, StrategyContext, StrategyRejection } from '../ports/cluster-strategy.js';
import { monotonicMs, wallMs } from '../ports/clock.js';
import { TIMER_MAX_MS } from '../ports/surroundings.js';
import { CONTACTS_MAX, readContacts } from './found-contacts.js';
import { StrategyRunner } from './strategy-runner.js';
import { messageOf } from './within.js';

/** First and longest pause after errors, in milliseconds (D2). */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** First pause after the start, when the others may just be starting too, in milliseconds; doubled up to the interval. */
const WARM_UP_MS = 250;
/** Shortest pause before a strategy that asked for it is asked again, in milliseconds, so that it cannot spin. */
const WAKE_MS = 100;
/** How much slower the strategy is asked while nobody is missing. */
const CALM = 3;
const JITTER = 0.2;

/** What is known of one strategy. Times are this node's wall clock in milliseconds. */
export interface StrategyStatus {
  readonly name: string;
  /** `host:port` as found last. */
  readonly contactPoints: readonly string[];
  readonly answeredAt: number | undefined;
  readonly errors: number;
  readonly lastError: { readonly message: string; readonly at: number } | undefined;
  /** What was turned away, by reason (W4). */
  readonly rejected: Readonly<Partial<Record<StrategyRejection, number>>>;
}

/** What discovery works with, and for. */
export interface DiscoveryTask {
  readonly strategy: ClusterStrategy;
  readonly context: Omit<StrategyContext, 'found' | 'wake' | 'rejected' | 'note'>;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  found(contacts: readonly Address[]): void;
  /** Nobody is missing. */
  readonly isComplete: () => boolean;
}

/**
 * What discovery finds: contact points and errors of the strategy. It is asked every `discoveryIntervalMs` (5,000 ms) while
 * nodes are missing, a third as often when all are there, and at once by `discoverNow()`.
 */
@Injectable()
export class ClusterDiscovery {
  private readonly logger = new Logger('ClusterDiscovery');
  private readonly rejected: Partial<Record<StrategyRejection, number>> = {};
  private task: DiscoveryTask | undefined;
  private runner: StrategyRunner | undefined;
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private round: Promise<readonly string[]> | undefined;
  private known: readonly Address[] = [];
  private answeredAt: number | undefined;
  private errors = 0;
  private lastError: StrategyStatus['lastError'];
  private answersSinceStart = 0;
  private failuresInARow = 0;
  private told: string | undefined;
  private noted: string | undefined;

  /** One entry per strategy; none before start. */
  get strategies(): readonly StrategyStatus[] {
    if (this.task === undefined) return [];
    const { known, answeredAt, errors, lastError, rejected } = this;
    const { name } = this.task.strategy;
    return [{ name, contactPoints: known, answeredAt, errors, lastError, rejected: { ...rejected } }];
  }

  /** `host:port` of all contact points found last. */
  get contactPoints(): readonly string[] {
    return this.known;
  }

  /** Asks the strategy now, and resolves with what it found; rejects with its error, or when this node does not run. */
  async discoverNow(): Promise<readonly string[]> {
    const { task, runner } = this;
    if (task === undefined || runner === undefined) {
      throw new ClusterError(
        'CLUSTER_NOT_STARTED',
        'discovery does not run: this node is not in the cluster',
      );
    }
    this.round ??= this.ask(task, runner).finally(() => {
      this.round = undefined;
      if (this.task === task) this.next(task);
    });
    return this.round;
  }

  /** @internal */
  start(task: DiscoveryTask): void {
    this.task = task;
    this.runner = new StrategyRunner(task.strategy, this.contextFor(task), task.timeoutMs);
    this.answersSinceStart = 0;
    this.failuresInARow = 0;
    this.schedule(0);
  }

  /** @internal Neither asks nor announces from now on (D4). */
  async stop(): Promise<void> {
    const { task, runner } = this;
    this.task = undefined;
    this.runner = undefined;
    clearTimeout(this.timer);
    try {
      await runner?.stop();
    } catch (error) {
      this.logger.warn(`strategy ${task?.strategy.name} did not stop: ${messageOf(error)}`);
    }
    await this.round?.catch(() => undefined);
  }

  private async ask(task: DiscoveryTask, runner: StrategyRunner): Promise<readonly string[]> {
    clearTimeout(this.timer);
    this.due = Infinity;
    try {
      const { contacts, complaint } = readContacts(await runner.ask());
      if (this.task !== task) return [];
      this.known = contacts;
      this.answeredAt = wallMs();
      this.answersSinceStart++;
      this.failuresInARow = 0;
      this.report(task, complaint);
      task.found(contacts);
      return contacts;
    } catch (error) {
      this.failuresInARow++;
      if (this.task === task) this.report(task, messageOf(error));
      throw error;
    }
  }

  private contextFor(task: DiscoveryTask): StrategyContext {
    const whileRunning =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args): void => {
        if (this.task === task) act(...args);
      };
    const note = (text: string) => {
      if (text !== this.noted) this.logger.warn(`strategy ${task.strategy.name}: ${text}`);
      this.noted = text;
    };
    return {
      ...task.context,
      found: whileRunning((answer: unknown) => {
        const { contacts, complaint } = readContacts(answer);
        if (complaint !== undefined) note(complaint);
        this.known = [...new Set([...this.known, ...contacts])].slice(-CONTACTS_MAX);
        task.found(contacts);
      }),
      wake: whileRunning(() => {
        if (this.round === undefined && this.due > monotonicMs() + WAKE_MS) this.schedule(WAKE_MS);
      }),
      rejected: whileRunning((reason: StrategyRejection, detail: string) => {
        const count = (this.rejected[reason] ?? 0) + 1;
        this.rejected[reason] = count;
        if (count === 1)
          this.logger.warn(`strategy ${task.strategy.name} turned something away, ${reason}: ${detail}`);
      }),
      note: whileRunning(note),
    };
  }

  /** One line when trouble begins, changes or ends; each occurrence is counted. */
  private report({ strategy }: DiscoveryTask, trouble: string | undefined): void {
    if (trouble !== undefined) {
      this.errors++;
      this.lastError = { message: trouble, at: wallMs() };
    }
    if (trouble === this.told) return;
    this.told = trouble;
    if (trouble === undefined) this.logger.log(`strategy ${strategy.name} works again`);
    else this.logger.warn(`strategy ${strategy.name} has trouble and is asked again: ${trouble}`);
  }

  private next({ intervalMs, isComplete }: DiscoveryTask): void {
    const retry = Math.min(RETRY_MIN_MS, intervalMs) * 2 ** Math.min(this.failuresInARow - 1, 16);
    const warmUp = WARM_UP_MS * 2 ** Math.min(this.answersSinceStart - 1, 16);
    const regular = isComplete() ? intervalMs * CALM : Math.min(intervalMs, warmUp);
    const pause = this.failuresInARow > 0 ? Math.min(retry, RETRY_MAX_MS) : regular;
    this.schedule(pause * (1 - JITTER + 2 * JITTER * Math.random()));
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    // A longer wait would end at once.
    const wait = Math.min(ms, TIMER_MAX_MS);
    this.due = monotonicMs() + wait;
    this.timer = setTimeout(() => {
      // What went wrong was told already.
      this.discoverNow().catch(() => undefined);
    }, wait).unref();
  }
}
