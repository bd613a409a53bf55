/**
 * The end of the application, for everything that waits in it (N6). It begins in `onModuleDestroy`, which may come while the
 * application still starts, and is over in `onApplicationShutdown`.
 */
import { ClusterError } from '@nest-cluster/protocol';

export class Shutdown {
  private readonly controller = new AbortController();
  private readonly begun: Promise<never>;
  private finish: (processSignal: string | undefined) => void = () => undefined;
  private readonly finished = new Promise<string | undefined>((resolve) => (this.finish = resolve));

  constructor() {
    const { signal } = this.controller;
    this.begun = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(stopped()), { once: true });
    });
    // Nobody may be waiting.
    this.begun.catch(() => undefined);
  }

  get hasBegun(): boolean {
    return this.controller.signal.aborted;
  }

  begin(): void {
    this.controller.abort();
  }

  /** `processSignal`: the process is about to end by it. */
  end(processSignal?: string): void {
    this.finish(processSignal);
  }

  /** Throws `CLUSTER_STOPPED` once the shutdown has begun. */
  check(): void {
    if (this.hasBegun) throw stopped();
  }

  /** Settles as the work does, or rejects with `CLUSTER_STOPPED` as soon as the shutdown begins. The work itself goes on. */
  async orStop<Result>(work: Promise<Result>): Promise<Result> {
    const result = await Promise.race([this.begun, work]);
    this.check();
    return result;
  }

  /**
   * How a start ends that the shutdown cut short: with an error, once everything is closed, so that the application does not
   * go on to serve. When a signal ends the process nobody is told: the error would end it first, as a crash.
   */
  async cutShort(): Promise<never> {
    const processSignal = await this.finished;
    if (processSignal !== undefined) await new Promise<never>(() => undefined);
    throw stopped();
  }
}

function stopped(): ClusterError {
  return new ClusterError('CLUSTER_STOPPED', 'the application was closed before it had started');
}
