/**
 * What one named node is told to do, this one or another. Whatever ends its links is done only after it has answered.
 */
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Cluster, ClusterDiscovery, ClusterLeadership, parseContactPoint } from '@nest-cluster/core';
import { ADDRESS_CHARS_MAX } from '../limits.js';
import { Problem, conflict, problemOf, unavailable, type ProblemBody } from '../http/problem.js';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { NodeLine, isRecord } from './node-line.js';

/** After which a command that ends links is carried out, so that its answer gets through, in milliseconds. */
const FAREWELL_MS = 50;

export type NodeCommand =
  | { readonly do: 'join'; readonly address: string | undefined }
  | { readonly do: 'leave' }
  | { readonly do: 'halt' }
  | { readonly do: 'stepDown' };

@Injectable()
export class NodeCommands {
  private readonly logger = new Logger('ClusterManagement');

  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterDiscovery) private readonly discovery: ClusterDiscovery,
    @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership,
    @Inject(NodeLine) private readonly line: NodeLine,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {
    line.on('command', (detail) => this.answer(detail));
  }

  /** Resolves once the node has taken the command. */
  async tell(name: string, command: NodeCommand): Promise<void> {
    const node = this.cluster.node(name);
    if (node === undefined)
      throw new Problem(404, 'CLUSTER_NODE_UNKNOWN', `no node is named ${JSON.stringify(name)}`);
    if (node.self) return this.obey(command);
    if (node.status === 'down' || node.status === 'left')
      throw conflict(`${name} is ${node.status}, so that it cannot be reached; ask it itself`);
    const refusal = await this.line.ask(name, 'command', command);
    if (isProblem(refusal)) throw new Problem(refusal.statusCode, codeOf(refusal), refusal.message);
  }

  private async obey(command: NodeCommand): Promise<void> {
    switch (command.do) {
      case 'join':
        return this.join(command.address);
      case 'stepDown':
        return this.leadership.stepDown();
      case 'leave':
        if (!this.cluster.isMember) throw conflict('this node has left already');
        return this.later('leave the cluster', () => this.cluster.leave());
      case 'halt':
        return this.halt();
    }
  }

  private async join(address: string | undefined): Promise<void> {
    if (!this.cluster.isMember) await this.cluster.rejoin();
    if (address !== undefined) return this.cluster.dial(address);
    try {
      await this.discovery.discoverNow();
    } catch (error) {
      throw unavailable(`discovery failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private halt(): void {
    const { halt } = this.management;
    if (halt === undefined)
      throw conflict('halt is not allowed on this node; set allowHalt in its management options');
    this.later('halt', halt);
  }

  private later(what: string, act: () => unknown): void {
    this.logger.warn(`this node was told to ${what}`);
    const run = async () => {
      try {
        await act();
      } catch (error) {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        this.logger.error(`this node could not ${what}: ${message}`, stack);
      }
    };
    setTimeout(() => void run(), FAREWELL_MS);
  }

  /** A refusal is an answer, so that the asker can tell it from a call that failed. */
  private async answer(detail: unknown): Promise<ProblemBody | null> {
    const command = readCommand(detail);
    if (command === undefined)
      throw new Error('this node does not know that command; is it of another version?');
    try {
      await this.obey(command);
      return null;
    } catch (error) {
      if (error instanceof Problem) return problemOf(error) ?? null;
      throw error;
    }
  }
}

function readCommand(detail: unknown): NodeCommand | undefined {
  if (!isRecord(detail)) return undefined;
  const { do: what, address } = detail;
  if (what === 'join') return { do: what, address: typeof address === 'string' ? address : undefined };
  return what === 'leave' || what === 'halt' || what === 'stepDown' ? { do: what } : undefined;
}

function codeOf({ statusCode }: ProblemBody): 'CONFLICT' | 'UNAVAILABLE' {
  return statusCode === 409 ? 'CONFLICT' : 'UNAVAILABLE';
}

function isProblem(value: unknown): value is ProblemBody {
  return isRecord(value) && typeof value['statusCode'] === 'number' && typeof value['message'] === 'string';
}

/** `host:port`. */
export function isAddress(text: string): boolean {
  return text.length <= ADDRESS_CHARS_MAX && parseContactPoint(text) !== undefined;
}
