/**
 * Who leads, and the end of its term.
 */
import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { ClusterLeadership } from '@nest-cluster/core';
import { AccessGuard } from '../access/access.guard.js';
import { OpenTo } from '../access/open-to.decorator.js';
import { Problem, notFound } from '../http/problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { NodeCommands } from './node-commands.js';
import type { NodeView } from './node-view.js';
import type { CommandAnswer } from './nodes.controller.js';
import { OwnView } from './own-view.js';

@Controller({ path: 'leader', version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(ProblemFilter)
export class LeaderController {
  constructor(
    @Inject(OwnView) private readonly own: OwnView,
    @Inject(NodeCommands) private readonly commands: NodeCommands,
    @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership,
  ) {}

  @Get()
  show(): NonNullable<NodeView['leader']> {
    const leader = this.own.leader();
    if (leader === null) throw notFound('nobody is known to lead');
    return leader;
  }

  @Delete()
  @HttpCode(202)
  async stepDown(): Promise<CommandAnswer> {
    const { node } = this.show();
    await this.commands.tell(node, { do: 'stepDown' });
    return { node, accepted: 'stepDown' };
  }

  /** For load balancers that send work to the leader alone; the only call that asks for no token. */
  @Get('readiness')
  @OpenTo('everybody')
  readiness(): { readonly leader: true; readonly token: number } {
    const { token } = this.leadership;
    if (this.leadership.isLeader()) return { leader: true, token };
    const name = this.leadership.leader?.name;
    const who = name === undefined ? 'nobody is known to lead' : `${name} leads`;
    throw new Problem(503, 'CLUSTER_NOT_LEADER', `this node does not lead; ${who}`);
  }
}
