/**
 * Writes that wait for the replica's word, by the id that they were given.
 */
import { ClusterError, type PartitionDiff } from '@nest-cluster/protocol';
import { monotonicMs } from '../../ports/clock.js';

/** Waiting times that are kept for metrics until they are read. */
const SAMPLES_MAX = 1_024;

type Outcome = PartitionDiff | undefined;

interface Pending {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  readonly since: number;
}

export class PendingWrites {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private samples: number[] = [];

  /** `begin` gets the id under which the replica answers. */
  wait(begin: (id: number) => void): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.pending.set(id, { resolve, reject, since: this.samples.length < SAMPLES_MAX ? monotonicMs() : 0 });
      begin(id);
    });
  }

  done(id: number, outcome?: PartitionDiff): void {
    const write = this.take(id);
    if (write === undefined) return;
    if (write.since !== 0 && this.samples.length < SAMPLES_MAX)
      this.samples.push((monotonicMs() - write.since) / 1_000);
    write.resolve(outcome);
  }

  failed(id: number, error: ClusterError): void {
    this.take(id)?.reject(error);
  }

  failAll(error: ClusterError): void {
    for (const id of [...this.pending.keys()]) this.failed(id, error);
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
