/**
 * Single nodes: how they are, and what they are told to do.
 */
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { Cluster } from '@nest-cluster/core';
import { AccessGuard } from '../access/access.guard.js';
import type { HttpRequest } from '../http/http.js';
import { fieldOf, hasBody, jsonBody, oneOf } from '../http/input.js';
import { Problem, badRequest } from '../http/problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
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

@Controller({ path: 'nodes', version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(ProblemFilter)
export class NodesController {
  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(ClusterReport) private readonly report: ClusterReport,
    @Inject(NodeCommands) private readonly commands: NodeCommands,
    @Inject(NodeLine) private readonly line: NodeLine,
    @Inject(OwnView) private readonly own: OwnView,
  ) {}

  @Get()
  list(@Req() request: HttpRequest): Promise<readonly NodeAnswer[]> {
    const past = oneOf(request, 'past', ['true', 'false']);
    return past === 'true' ? this.report.lives() : this.report.nodes();
  }

  @Get(':name')
  async show(@Param('name') name: string): Promise<NodeDetailAnswer> {
    const known = this.cluster.node(name);
    const all = await this.report.nodes();
    const node = all.find(({ incarnation }) => incarnation === known?.incarnation);
    if (node === undefined)
      throw new Problem(404, 'CLUSTER_NODE_UNKNOWN', `no node is named ${JSON.stringify(name)}`);
    return { ...node, links: await this.trafficOf(node) };
  }

  @Post(':name/join')
  @HttpCode(202)
  async join(
    @Req() request: HttpRequest,
    @Param('name') name: string,
    @Body() body: unknown,
  ): Promise<CommandAnswer> {
    const address = hasBody(request) ? fieldOf(jsonBody(request, body), 'address') : undefined;
    if (address !== undefined && !(typeof address === 'string' && isAddress(address)))
      throw badRequest('address must be host:port');
    await this.commands.tell(name, { do: 'join', address });
    return { node: name, accepted: 'join' };
  }

  @Delete(':name')
  @HttpCode(202)
  async end(@Req() request: HttpRequest, @Param('name') name: string): Promise<CommandAnswer> {
    const mode = oneOf(request, 'mode', ['leave', 'halt']) ?? 'leave';
    await this.commands.tell(name, { do: mode });
    return { node: name, accepted: mode };
  }

  private async trafficOf(node: NodeAnswer): Promise<readonly LinkTraffic[]> {
    if (node.self) return this.own.traffic();
    if (node.view === null) return [];
    return this.line.ask(node.name, 'traffic').then(readTraffic, () => []);
  }
}
