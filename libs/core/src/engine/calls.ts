/**
 * Calls between applications, under way in either direction. Bounded both ways: a peer that never answers costs a slot
 * until the call's deadline, one that asks without end is told that this node is busy (W5).
 */
import { ClusterError, type Incarnation } from '@nest-cluster/protocol';

/** Calls of this node that wait for an answer, and calls of others that this node's application works on. */
export const CALLS_MAX = 1_024;
/** Calls of one peer that this node's application works on. */
export const CALLS_PER_PEER_MAX = 128;
export const CALL_TIMEOUT_MS = 5_000;
/** Bytes of the questions that this node's application works on. */
export const CALL_BYTES_MAX = 64 * 1024 * 1024;
/** After this the asker has surely given up, in milliseconds. */
const SERVED_MAX_MS = 60_000;

export type Answer =
  { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly error: string };

interface Asked {
  readonly to: Incarnation;
  readonly deadline: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ClusterError) => void;
}

/** Calls that this node made. */
export class CallsMade {
  private readonly waiting = new Map<number, Asked>();
  private lastId = 0;
  private earliest = Infinity;

  /** `send` is given the id under which the answer will come. */
  add(to: Incarnation, deadline: number, send: (id: number) => void): Promise<unknown> {
    if (this.waiting.size >= CALLS_MAX) {
      return Promise.reject(callFailed(`${CALLS_MAX} calls are under way already; wait for some to end`));
    }
    const id = this.draw();
    this.earliest = Math.min(this.earliest, deadline);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { to, deadline, resolve, reject });
      try {
        send(id);
      } catch (cause) {
        this.waiting.delete(id);
        reject(callFailed(`the question cannot be sent: ${messageOf(cause)}`));
      }
    });
  }

  /** An answer counts only from the node that was asked. */
  answered(from: Incarnation, id: number, answer: Answer): void {
    const asked = this.waiting.get(id);
    if (asked?.to !== from) return;
    this.waiting.delete(id);
    if (answer.ok) asked.resolve(answer.body);
    else asked.reject(callFailed(answer.error));
  }

  /** No answer will come from this peer any more, or from nobody when none is named. */
  abandon(peer?: Incarnation): void {
    this.rejectWhere((asked) => peer === undefined || asked.to === peer, 'the link to the node was closed');
  }

  expire(now: number): void {
    if (now < this.earliest) return;
    this.rejectWhere((asked) => asked.deadline <= now, 'no answer in time');
    this.earliest = Infinity;
    for (const { deadline } of this.waiting.values()) this.earliest = Math.min(this.earliest, deadline);
  }

  nextDeadline(): number {
    return this.earliest;
  }

  private rejectWhere(matches: (asked: Asked) => boolean, why: string): void {
    for (const [id, asked] of this.waiting) {
      if (!matches(asked)) continue;
      this.waiting.delete(id);
      asked.reject(callFailed(why));
    }
  }

  private draw(): number {
    do this.lastId = (this.lastId + 1) >>> 0;
    while (this.waiting.has(this.lastId));
    return this.lastId;
  }
}

export interface Asker {
  readonly from: Incarnation;
  /** The asker's name for its call. */
  readonly id: number;
  /** Size of its question. */
  readonly bytes: number;
}

/** Calls that this node's application works on. */
export class CallsServed {
  private readonly serving = new Map<number, Asker & { readonly since: number }>();
  private readonly perPeer = new Map<Incarnation, number>();
  private bytes = 0;
  private lastKey = 0;

  /** A key for the application's answer, or nothing when this node is busy. */
  begin(asker: Asker, now: number): number | undefined {
    this.forget(now);
    const ofPeer = this.perPeer.get(asker.from) ?? 0;
    const bytes = this.bytes + asker.bytes;
    if (this.serving.size >= CALLS_MAX || ofPeer >= CALLS_PER_PEER_MAX || bytes > CALL_BYTES_MAX)
      return undefined;
    const key = ++this.lastKey;
    this.bytes = bytes;
    this.serving.set(key, { ...asker, since: now });
    this.perPeer.set(asker.from, ofPeer + 1);
    return key;
  }

  /** Whom to answer; nothing when that took too long. */
  end(key: number): Asker | undefined {
    const served = this.serving.get(key);
    if (!served) return undefined;
    this.serving.delete(key);
    this.bytes -= served.bytes;
    const left = (this.perPeer.get(served.from) ?? 1) - 1;
    if (left === 0) this.perPeer.delete(served.from);
    else this.perPeer.set(served.from, left);
    return served;
  }

  /** The oldest come first, so that looking ends at the first that is young. */
  private forget(now: number): void {
    for (const [key, { since }] of this.serving) {
      if (now - since < SERVED_MAX_MS) return;
      this.end(key);
    }
  }
}

/** Errors of one node's answer or of this node's own bounds. */
export function callFailed(why: string): ClusterError {
  return new ClusterError('CLUSTER_CALL_FAILED', `call failed: ${why}`);
}

export function nodeUnknown(incarnation: Incarnation): ClusterError {
  return new ClusterError(
    'CLUSTER_NODE_UNKNOWN',
    `no link to a node ${incarnation}; take one that is up from the list of nodes`,
  );
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
