/**
 * Those who wait until this node has the store. All of them are let go when the application closes (N6).
 */
import { Logger } from '@nestjs/common';
import { ClusterError } from '@nest-cluster/protocol';
import { within } from './within.js';

/** After how long a wait that holds up the start, so that it can never end, is told of, in milliseconds. */
const SUSPICIOUS_MS = 5_000;

interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class StoreWait {
  /** One for all, so that whoever gives up leaves nothing behind. */
  private waiting: Waiting | undefined;
  private hasStarted = false;
  private isOver = false;
  private alarm: NodeJS.Timeout | undefined;

  /** Rejects with `late()` after so many milliseconds, and with `CLUSTER_STOPPED` when the application closes first. */
  async wait(timeoutMs: number | undefined, late: () => Error): Promise<void> {
    if (this.isOver) throw stopped();
    if (!this.hasStarted) this.alarm ??= setTimeout(warn, SUSPICIOUS_MS).unref();
    this.waiting ??= waiting();
    const { promise } = this.waiting;
    await (timeoutMs === undefined ? promise : within(timeoutMs, promise, late));
  }

  /** The node starts: a wait from before may come to its end. */
  started(): void {
    this.hasStarted = true;
    clearTimeout(this.alarm);
  }

  ready(): void {
    this.waiting?.resolve();
    this.waiting = undefined;
  }

  end(): void {
    this.isOver = true;
    clearTimeout(this.alarm);
    this.waiting?.reject(stopped());
    this.waiting = undefined;
  }
}

function warn(): void {
  new Logger('ClusterStore').warn(
    'something waits for the store, and the application has not started. The cluster starts in onApplicationBootstrap: ' +
      'when onModuleInit awaits the store, neither ever happens. Wait for it in onApplicationBootstrap or later.',
  );
}

function waiting(): Waiting {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((done, failed) => ([resolve, reject] = [done, failed]));
  return { promise, resolve, reject };
}

function stopped(): ClusterError {
  return new ClusterError(
    'CLUSTER_STOPPED',
    'the application is closed, and this node does not have the store',
  );
}
