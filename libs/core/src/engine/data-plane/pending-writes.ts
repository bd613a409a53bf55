/**
 * What waits for the replica's word, by the id that it was given: writes, choices, dry runs.
 */
import type { ClusterError } from '@nest-cluster/protocol';
import { monotonicMs } from '../../ports/clock.js';

/** Waiting times that are kept for metrics until they are read. */
const SAMPLES_MAX = 1_024;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** 0: not measured. */
  readonly since: number;
}

export class PendingWrites {
  private readonly pending = new Map<number, Pending>();
  private id = 0;
  private samples: number[] = [];

  /** The id of what was begun last. */
  get lastId(): number {
    return this.id;
  }

  /** Settles as the replica says, under the next id. */
  begin(): Promise<void> {
    const id = ++this.id;
    const since = this.samples.length < SAMPLES_MAX ? monotonicMs() : 0;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, since });
    });
  }

  done(id: number): void {
    const waiting = this.take(id);
    if (waiting === undefined) return;
    if (waiting.since !== 0 && this.samples.length < SAMPLES_MAX)
      this.samples.push((monotonicMs() - waiting.since) / 1_000);
    waiting.resolve();
  }

  failed(id: number, error: ClusterError): void {
    this.take(id)?.reject(error);
  }

  failAll(error: ClusterError): void {
    for (const id of this.pending.keys()) this.failed(id, error);
  }

  /** Waiting times since the last call, in seconds. */
  takeSamples(): readonly number[] {
    const taken = this.samples;
    this.samples = [];
    return taken;
  }

  private take(id: number): Pending | undefined {
    const write = this.pending.get(id);
    this.pending.delete(id);
    return write;
  }
}
