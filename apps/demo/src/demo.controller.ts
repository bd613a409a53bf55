import { Controller, Get } from '@nestjs/common';
import { Cluster, ClusterLeadership } from '@nest-cluster/core';
import { EventLog, type LoggedEvent } from './event-log.js';
import { LeaderJob, type Run } from './leader-job.js';

@Controller('demo')
export class DemoController {
  constructor(
    private readonly cluster: Cluster,
    private readonly leadership: ClusterLeadership,
    private readonly job: LeaderJob,
    private readonly log: EventLog,
  ) {}

  @Get('status')
  status(): object {
    const { leader } = this.leadership;
    return {
      self: this.cluster.self.name,
      state: this.cluster.state,
      leader: leader && { node: leader.name, token: leader.token },
      nodes: this.cluster.nodes,
    };
  }

  @Get('runs')
  runs(): readonly Run[] {
    return this.job.runs();
  }

  @Get('events')
  events(): readonly LoggedEvent[] {
    return this.log.events();
  }
}
