import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ClusterModule } from '@nest-cluster/core';
import { ChaosController } from './chaos.controller.js';
import { DemoController } from './demo.controller.js';
import { EventLog } from './event-log.js';
import { LeaderJob } from './leader-job.js';

const isChaosAllowed = process.env['DEMO_CHAOS'] === '1';

@Module({
  imports: [ScheduleModule.forRoot(), ClusterModule.forRoot()],
  controllers: isChaosAllowed ? [DemoController, ChaosController] : [DemoController],
  providers: [LeaderJob, EventLog],
})
export class AppModule {}
