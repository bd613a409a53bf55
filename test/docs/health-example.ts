import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { ClusterHealthIndicator } from '@nest-cluster/terminus';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cluster: ClusterHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.cluster.isHealthy('cluster', { leader: true })]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.cluster.isReady('cluster')]);
  }

  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([() => this.cluster.isLive('cluster')]);
  }
}
