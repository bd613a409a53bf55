/**
 * Those who wait until this node has the store. All of them are let go when the application closes (N6).
 */
import { ClusterError } from '@nest-cluster/protocol';
import { within } from './within.js';

interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class StoreWait {
  /** One for all, so that whoever gives up leaves nothing behind. */
  private waiting: Waiting | undefined;
  private isOver = false;

  /** Rejects with `late()` after so many milliseconds, and with `CLUSTER_STOPPED` when the application closes first. */
  async wait(timeoutMs: number | undefined, late: () => Error): Promise<void> {
    if (this.isOver) throw stopped();
    this.waiting ??= waiting();
    const { promise } = this.waiting;
    await (timeoutMs === undefined ? promise : within(timeoutMs, promise, late));
  }

  ready(): void {
    this.waiting?.resolve();
    this.waiting = undefined;
  }

  end(): void {
    this.isOver = true;
    this.waiting?.reject(stopped());
    this.waiting = undefined;
  }
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
