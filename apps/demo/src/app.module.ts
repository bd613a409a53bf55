import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TerminusModule } from '@nestjs/terminus';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { ClusterModule } from '@nest-cluster/core';
import { ClusterManagementModule } from '@nest-cluster/management';
import { ClusterMetricsModule } from '@nest-cluster/prometheus';
import { ClusterHealthIndicator } from '@nest-cluster/terminus';
import { ChaosController } from './chaos.controller.js';
import { DemoController } from './demo.controller.js';
import { EventLog } from './event-log.js';
import { HealthController } from './health.controller.js';
import { LeaderJob } from './leader-job.js';
import { StoreWatch } from './store-watch.js';

const isChaosAllowed = process.env['DEMO_CHAOS'] === '1';

@Module({
  imports: [
    ScheduleModule.forRoot(),
    ClusterModule.forRoot(),
    // What its indicators find is told by the cluster itself, once.
    TerminusModule.forRoot({ logger: false }),
    PrometheusModule.register({ defaultMetrics: { enabled: false } }),
    ClusterMetricsModule.forRoot(),
    ClusterManagementModule.forRoot({ allowHalt: isChaosAllowed }),
  ],
  controllers: [DemoController, HealthController, ...(isChaosAllowed ? [ChaosController] : [])],
  providers: [LeaderJob, EventLog, StoreWatch, ClusterHealthIndicator],
})
export class AppModule {}
