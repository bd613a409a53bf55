/**
 * Who leads, and the end of its term.
 */
import { Delete, Get, Inject, Res } from '@nestjs/common';
import { ClusterLeadership } from '@nest-cluster/core';
import { OpenTo } from '../access/open-to.decorator.js';
import { answer, type HttpResponse } from '../http/http.js';
import { ManagementController } from '../http/management-controller.decorator.js';
import { Problem, notFound } from '../http/problem.js';
import { Call } from '../openapi/call.js';
import { leaderCalls } from '../openapi/calls.js';
import { NodeCommands } from './node-commands.js';
import type { NodeView } from './node-view.js';
import type { CommandAnswer } from './nodes.controller.js';
import { OwnView } from './own-view.js';

@ManagementController('leader')
export class LeaderController {
  constructor(
    @Inject(OwnView) private readonly own: OwnView,
    @Inject(NodeCommands) private readonly commands: NodeCommands,
    @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership,
  ) {}

  @Get()
  @Call(leaderCalls.show)
  show(@Res() response: HttpResponse): void {
    answer(response, 200, this.leader());
  }

  @Delete()
  @Call(leaderCalls.stepDown)
  async stepDown(@Res() response: HttpResponse): Promise<void> {
    const { node } = this.leader();
    await this.commands.tell(node, { do: 'stepDown' });
    answer(response, 202, { node, accepted: 'stepDown' } satisfies CommandAnswer);
  }

  /** For load balancers that send work to the leader alone; the only call that asks for no token. */
  @Get('readiness')
  @OpenTo('everybody')
  @Call(leaderCalls.readiness)
  readiness(@Res() response: HttpResponse): void {
    const { token } = this.leadership;
    if (this.leadership.isLeader()) return answer(response, 200, { leader: true, token });
    const name = this.leadership.leader?.name;
    const who = name === undefined ? 'nobody is known to lead' : `${name} leads`;
    throw new Problem(503, 'CLUSTER_NOT_LEADER', `this node does not lead; ${who}`);
  }

  private leader(): NonNullable<NodeView['leader']> {
    const leader = this.own.leader();
    if (leader === null) throw notFound('nobody is known to lead');
    return leader;
  }
}
