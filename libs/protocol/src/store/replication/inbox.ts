/**
 * The stream of one peer's writes, as it comes in. A write is applied in causal order: once everything that its writer had
 * seen is known here. Until then it waits, so that a node's clock has no gaps. What waits is bounded; beyond, the stream is
 * lost, and a transfer brings what is missing.
 */
import type { MessageOf } from '../message.js';

export type Deltas = MessageOf<'deltas'>;

export interface Waiting {
  readonly message: Deltas;
  /** This node's numbers for the replicas of the message. */
  readonly numbers: readonly number[];
}

/** `next`: follows what came before. `old`: came before. `gap`: something before it has not come. */
export type StreamPlace = 'next' | 'old' | 'gap';

export class Inbox {
  /** Number of the last message; undefined while the stream is lost. */
  private stream: number | undefined;
  /** What the writer had seen, by its message that was applied last. */
  readonly context: number[] = [];
  private readonly queue: Waiting[] = [];
  private size = 0;
  /** Monotonic time since which the first message waits. */
  blockedSince: number | undefined;

  get isLost(): boolean {
    return this.stream === undefined;
  }

  get first(): Waiting | undefined {
    return this.queue[0];
  }

  place(message: Deltas): StreamPlace {
    if (this.stream === undefined) return 'gap';
    if (message.stream <= this.stream) return 'old';
    return message.stream === this.stream + 1 ? 'next' : 'gap';
  }

  /** The stream begins here. */
  start(stream: number): void {
    this.reset();
    this.stream = stream;
  }

  /** False when more waits than `max` writes, so that the stream is lost. */
  push(waiting: Waiting, max: number): boolean {
    this.stream = waiting.message.stream;
    this.queue.push(waiting);
    this.size += waiting.message.deltas.length;
    if (this.size <= max) return true;
    this.reset();
    return false;
  }

  shift(): void {
    const taken = this.queue.shift();
    this.size -= taken?.message.deltas.length ?? 0;
    this.blockedSince = undefined;
  }

  /** What came is still applied in its order; what follows is not known. */
  lose(): void {
    this.stream = undefined;
  }

  reset(): void {
    this.stream = undefined;
    this.context.length = 0;
    this.queue.length = 0;
    this.size = 0;
    this.blockedSince = undefined;
  }
}
