/**
 * Single nodes: how they are, and what they are told to do.
 */
import { Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { Cluster } from '@nest-cluster/core';
import { BodyReader } from '../http/body-reader.js';
import { answer, type HttpRequest, type HttpResponse } from '../http/http.js';
import { fieldsOf, nameOf, oneOf } from '../http/input.js';
import { ManagementController } from '../http/management-controller.decorator.js';
import { Problem, badRequest } from '../http/problem.js';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { Call } from '../openapi/call.js';
import { nodeCalls } from '../openapi/calls.js';
import { ClusterReport, type NodeAnswer } from './cluster-report.js';
import { NodeCommands, isAddress } from './node-commands.js';
import { NodeLine } from './node-line.js';
import { readTraffic, type LinkTraffic } from './node-view.js';
import { OwnView } from './own-view.js';

export interface NodeDetailAnswer extends NodeAnswer {
  /** Bytes over each of its links, as it counts them; empty when it does not answer. */
  readonly links: readonly LinkTraffic[];
}

/** The node has taken the command. */
export interface CommandAnswer {
  readonly node: string;
  readonly accepted: 'join' | 'leave' | 'halt' | 'stepDown';
}

@ManagementController('nodes')
export class NodesController {
  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterReport) private readonly report: ClusterReport,
    @Inject(NodeCommands) private readonly commands: NodeCommands,
    @Inject(NodeLine) private readonly line: NodeLine,
    @Inject(OwnView) private readonly own: OwnView,
    @Inject(BodyReader) private readonly bodies: BodyReader,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {}

  @Get()
  @Call(nodeCalls.list)
  async list(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const past = oneOf(request, 'past', ['true', 'false']);
    answer(response, 200, await (past === 'true' ? this.report.lives() : this.report.nodes()));
  }

  @Get(':name')
  @Call(nodeCalls.show)
  async show(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const name = this.name(request);
    const known = this.cluster.node(name);
    const all = await this.report.nodes();
    const node = all.find(({ incarnation }) => incarnation === known?.incarnation);
    if (node === undefined)
      throw new Problem(404, 'CLUSTER_NODE_UNKNOWN', `no node is named ${JSON.stringify(name)}`);
    answer(response, 200, { ...node, links: await this.trafficOf(node) } satisfies NodeDetailAnswer);
  }

  @Post(':name/join')
  @Call(nodeCalls.join)
  async join(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const node = this.name(request, 'join');
    const body = await this.bodies.readOptional(request);
    const { address } = fieldsOf(body ?? {}, ['address']);
    if (address !== undefined && !(typeof address === 'string' && isAddress(address)))
      throw badRequest('address must be host:port');
    await this.commands.tell(node, { do: 'join', address });
    answer(response, 202, { node, accepted: 'join' } satisfies CommandAnswer);
  }

  @Delete(':name')
  @Call(nodeCalls.end)
  async end(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const node = this.name(request);
    const mode = oneOf(request, 'mode', ['leave', 'halt']) ?? 'leave';
    await this.commands.tell(node, { do: mode });
    answer(response, 202, { node, accepted: mode } satisfies CommandAnswer);
  }

  private name(request: HttpRequest, action?: string): string {
    return nameOf(request, this.management.path, 'nodes', action);
  }

  private async trafficOf(node: NodeAnswer): Promise<readonly LinkTraffic[]> {
    if (node.self) return this.own.traffic();
    if (node.view === null) return [];
    return this.line.ask(node.name, 'traffic').then(readTraffic, () => []);
  }
}
