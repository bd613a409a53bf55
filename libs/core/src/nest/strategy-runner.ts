/**
 * Runs one strategy: starts it, asks it with a time limit, and stops it. A start that failed is tried again before the next
 * question; one that hangs is waited for, and not begun twice (D3).
 */
import type { ClusterStrategy, StrategyContext } from '../ports/cluster-strategy.js';
import { within } from './within.js';

export class StrategyRunner {
  private starting: Promise<void> | undefined;
  private question: AbortController | undefined;
  private isStopped = false;

  constructor(
    private readonly strategy: ClusterStrategy,
    private readonly context: StrategyContext,
    private readonly timeoutMs: number,
  ) {}

  /** Whatever the strategy answered, unchecked. */
  async ask(): Promise<unknown> {
    const question = new AbortController();
    this.question = question;
    const stopped = new Promise<never>((_, reject) => {
      question.signal.addEventListener('abort', () => reject(new Error('the strategy was stopped')));
    });
    const answer = Promise.race([this.consult(question.signal), stopped]);
    try {
      return await within(this.timeoutMs, answer, () => this.silent());
    } finally {
      question.abort();
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.question?.abort();
    if (this.starting === undefined) return;
    const stopped = this.starting.then(async () => this.strategy.stop?.());
    await within(this.timeoutMs, stopped, () => this.silent());
  }

  private async consult(signal: AbortSignal): Promise<unknown> {
    this.starting ??= (async () => this.strategy.start?.(this.context))();
    try {
      await this.starting;
    } catch (error) {
      this.starting = undefined;
      throw error;
    }
    return this.isStopped ? [] : this.strategy.discover(signal);
  }

  private silent(): Error {
    return new Error(`no answer within ${this.timeoutMs} ms`);
  }
}
