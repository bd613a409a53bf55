import { Injectable, Module } from '@nestjs/common';
import { Cron, ScheduleModule } from '@nestjs/schedule';
import {
  ClusterLeadership,
  ClusterModule,
  ClusterStore,
  LeaderOnly,
  OnNodeUp,
  gossip,
  type NodeUpEvent,
} from '@nest-cluster/core';

@Injectable()
export class Reports {
  constructor(
    private readonly store: ClusterStore,
    private readonly leadership: ClusterLeadership,
  ) {}

  @OnNodeUp()
  greet({ node }: NodeUpEvent): void {
    console.log(`${node.name} is here`);
  }

  @Cron('0 * * * *')
  @LeaderOnly()
  async hourly(): Promise<void> {
    const { signal, token } = this.leadership;
    if (!signal.aborted) await this.store.set('last-report', { at: Date.now(), token });
  }
}

@Module({
  imports: [ScheduleModule.forRoot(), ClusterModule.forRoot(gossip(), { size: 3 })],
  providers: [Reports],
})
export class AppModule {}
