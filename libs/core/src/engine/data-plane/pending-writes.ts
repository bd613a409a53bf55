/**
 * What waits for the replica's word, by the id that it was given: writes, choices, dry runs.
 */
import type { ClusterError, PartitionDiff } from '@nest-cluster/protocol';
import { monotonicMs } from '../../ports/clock.js';

/** Waiting times that are kept for metrics until they are read. */
const SAMPLES_MAX = 1_024;

interface Pending {
  readonly resolve: (diff: PartitionDiff | undefined) => void;
  readonly reject: (error: Error) => void;
  /** 0: not measured. */
  readonly since: number;
}

export class PendingWrites {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private samples: number[] = [];

  /** `begin` gets the id under which the replica answers. */
  acknowledged(begin: (id: number) => void): Promise<void> {
    return new Promise((resolve, reject) => this.add(() => resolve(), reject, begin));
  }

  /** The same for what ends with a dry run's result. */
  compared(begin: (id: number) => void): Promise<PartitionDiff | undefined> {
    return new Promise((resolve, reject) => this.add(resolve, reject, begin));
  }

  done(id: number, diff?: PartitionDiff): void {
    const waiting = this.take(id);
    if (waiting === undefined) return;
    if (waiting.since !== 0 && this.samples.length < SAMPLES_MAX)
      this.samples.push((monotonicMs() - waiting.since) / 1_000);
    waiting.resolve(diff);
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

  private add(resolve: Pending['resolve'], reject: Pending['reject'], begin: (id: number) => void): void {
    const id = ++this.lastId;
    const since = this.samples.length < SAMPLES_MAX ? monotonicMs() : 0;
    this.pending.set(id, { resolve, reject, since });
    begin(id);
  }

  private take(id: number): Pending | undefined {
    const waiting = this.pending.get(id);
    this.pending.delete(id);
    return waiting;
  }
}
