/**
 * Questions between applications, carried beside the protocol's messages: asked by this node's application, or by that of
 * another and handed to this one's.
 */
import type { Incarnation, NodeInfo } from '@nest-cluster/protocol';
import { monotonicMs } from '../ports/clock.js';
import type { Frame } from '../wire/index.js';
import { CALL_TIMEOUT_MS, CallsMade, CallsServed, messageOf, type Answer } from './calls.js';

export interface CallDeskOwner {
  /** Throws when the frame cannot be encoded. */
  send(to: Incarnation, frame: Frame): void;
  /** Answered by `answer(key, …)`. */
  ask(key: number, from: NodeInfo, topic: string, body: unknown): void;
}

export class CallDesk {
  private readonly made = new CallsMade();
  private readonly served = new CallsServed();

  constructor(private readonly owner: CallDeskOwner) {}

  call(to: Incarnation, topic: string, body: unknown, timeoutMs = CALL_TIMEOUT_MS): Promise<unknown> {
    const deadline = monotonicMs() + timeoutMs;
    return this.made.add(to, deadline, (id) => this.owner.send(to, { kind: 'request', id, topic, body }));
  }

  requested(from: NodeInfo, id: number, topic: string, body: unknown, bytes: number): void {
    const key = this.served.begin({ from: from.incarnation, id, bytes }, monotonicMs());
    if (key !== undefined) this.owner.ask(key, from, topic, body);
    else this.reply(from.incarnation, id, { ok: false, error: 'the node is busy with too many calls' });
  }

  responded(from: Incarnation, id: number, answer: Answer): void {
    this.made.answered(from, id, answer);
  }

  /** What this node's application answers. */
  answer(key: number, answer: Answer): void {
    const asker = this.served.end(key);
    if (asker) this.reply(asker.from, asker.id, answer);
  }

  /** No answers will come from this peer any more, or from nobody when none is named. */
  abandon(peer?: Incarnation): void {
    this.made.abandon(peer);
  }

  expire(now: number): void {
    this.made.expire(now);
  }

  nextDeadline(): number {
    return this.made.nextDeadline();
  }

  private reply(to: Incarnation, id: number, answer: Answer): void {
    try {
      this.owner.send(to, { kind: 'response', id, ...answer });
    } catch (cause) {
      const error = `the answer cannot be sent: ${messageOf(cause)}`;
      this.owner.send(to, { kind: 'response', id, ok: false, error });
    }
  }
}
