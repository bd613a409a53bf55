/**
 * Requests to the engine that wait for its reply, by number.
 */
import { ClusterError } from '@nest-cluster/protocol';
import { CALLS_MAX, callFailed } from './calls.js';
import type { Report, Request, Requests } from './engine-messages.js';

/** As many as there may be calls, and room for the few that the lifecycle needs. */
const PENDING_MAX = CALLS_MAX + 64;

interface Pending {
  readonly resolve: (gets: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class PendingRequests {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  /** `send` may throw, when what is asked cannot be sent. */
  add<Kind extends keyof Requests>(
    kind: Kind,
    asks: Requests[Kind]['asks'],
    send: (request: Request) => void,
  ): Promise<Requests[Kind]['gets']> {
    if (this.pending.size >= PENDING_MAX)
      return Promise.reject(callFailed('too many wait for the engine already'));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      // What comes back under this number is what this kind of request gets.
      this.pending.set(id, { resolve: resolve as (gets: unknown) => void, reject });
      try {
        send({ type: 'request', id, kind, asks } as Request);
      } catch (cause) {
        this.pending.delete(id);
        reject(
          new ClusterError('CLUSTER_VALUE_INVALID', 'what is asked cannot be handed to the engine', {
            cause,
          }),
        );
      }
    });
  }

  settle(report: Extract<Report, { type: 'reply' | 'refusal' }>): void {
    const pending = this.pending.get(report.id);
    this.pending.delete(report.id);
    if (report.type === 'reply') pending?.resolve(report.gets);
    else
      pending?.reject(
        report.code ? new ClusterError(report.code, report.message) : new Error(report.message),
      );
  }

  /** No reply will come to any of them. */
  abandon(error: Error): void {
    const abandoned = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of abandoned) reject(error);
  }
}
