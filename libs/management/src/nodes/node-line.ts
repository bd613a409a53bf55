/**
 * Asks other nodes' management something, through the links between nodes. A node that this one is not linked to is asked
 * through one that is, so that a cut between two nodes hides neither of them.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Cluster, ClusterError, type ClusterNode } from '@nest-cluster/core';

const TOPIC = 'management';
/** Through how many others an unreachable node is tried. */
const RELAYS_MAX = 2;
/** Longest wait for one answer, in milliseconds. */
const ANSWER_MS = 1_500;

/** What is asked, and what it is about. */
export interface Question {
  readonly what: string;
  readonly detail: unknown;
}

type Answerer = (detail: unknown) => unknown;

@Injectable()
export class NodeLine {
  private readonly answerers = new Map<string, Answerer>();

  constructor(@Inject(Cluster) private readonly cluster: Cluster) {
    cluster.answer(TOPIC, (body) => this.answer(body));
  }

  /** From now on this node answers such questions; what it throws reaches the asker as `CLUSTER_CALL_FAILED`. */
  on(what: string, answerer: Answerer): void {
    this.answerers.set(what, answerer);
  }

  /** Rejects with `CLUSTER_NODE_UNKNOWN` or `CLUSTER_CALL_FAILED`. */
  async ask(name: string, what: string, detail: unknown = null): Promise<unknown> {
    const question: Question = { what, detail };
    try {
      return await this.call(name, question);
    } catch (error) {
      if (!isUnlinked(error)) throw error;
      return this.askThroughOthers(name, question, error);
    }
  }

  private async askThroughOthers(name: string, question: Question, cause: unknown): Promise<unknown> {
    for (const relay of this.relays(name)) {
      try {
        return await this.call(relay.name, { what: 'relay', detail: { to: name, ...question } });
      } catch {
        // The next one may be closer.
      }
    }
    throw cause;
  }

  private relays(name: string): readonly ClusterNode[] {
    const isRelay = (node: ClusterNode) =>
      !node.self && node.seen && node.status === 'up' && node.name !== name;
    return this.cluster.nodes.filter(isRelay).slice(0, RELAYS_MAX);
  }

  private call(name: string, question: Question): Promise<unknown> {
    return this.cluster.call(name, TOPIC, question, ANSWER_MS);
  }

  private answer(body: unknown): unknown {
    if (!isRecord(body) || typeof body['what'] !== 'string') throw new Error('this is no question');
    const { what, detail } = body;
    if (what === 'relay') return this.relay(detail);
    const answerer = this.answerers.get(what);
    if (answerer === undefined)
      throw new Error(`this node does not know what ${what} is; is it of another version?`);
    return answerer(detail);
  }

  /** Handed on once, and not further. */
  private relay(detail: unknown): Promise<unknown> {
    if (!isRecord(detail) || typeof detail['to'] !== 'string' || typeof detail['what'] !== 'string')
      throw new Error('this is no question to hand on');
    if (detail['what'] === 'relay') throw new Error('a question is handed on once');
    return this.call(detail['to'], { what: detail['what'], detail: detail['detail'] });
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nobody heard the question, so that it may be asked again in another way. */
function isUnlinked(error: unknown): boolean {
  return error instanceof ClusterError && error.code === 'CLUSTER_NODE_UNKNOWN';
}
