/**
 * What the generated applications get from us beside what Nest's own command puts into them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const TOKEN = 'packed-token';

export const STATUS = `import { Controller, Get } from '@nestjs/common';
import { Cluster, ClusterLeadership } from '@nest-cluster/core';

@Controller('status')
export class StatusController {
  constructor(
    private readonly cluster: Cluster,
    private readonly leadership: ClusterLeadership,
  ) {}

  @Get()
  status(): object {
    return { state: this.cluster.state, leader: this.leadership.leader?.name ?? null };
  }
}
`;

/** As the demo has it. */
export const HEALTH = readFileSync(join(__dirname, '../../apps/demo/src/health.controller.ts'), 'utf8');

export const OWN_TEST = `import { Injectable } from '@nestjs/common';
import { LeaderOnly } from '@nest-cluster/core';
import { ClusterTestingModule } from '@nest-cluster/testing';

@Injectable()
class Job {
  ran = 0;

  @LeaderOnly({ otherwise: 'skip' })
  run(): void {
    this.ran += 1;
  }
}

describe('a job of the application', () => {
  it('runs on one node', async () => {
    const cluster = await ClusterTestingModule.start({
      module: (node) => ({ imports: [node], providers: [Job] }),
    });
    for (const node of cluster.nodes) node.get(Job).run();
    expect(cluster.nodes.map((node) => node.get(Job).ran).sort()).toEqual([0, 0, 1]);
    await cluster.close();
  });
});
`;

/** The generated module with ours in it. */
export function withCluster(module: string, extension: '' | '.js'): string {
  const imports = `import { TerminusModule } from '@nestjs/terminus';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { ClusterModule } from '@nest-cluster/core';
import { ClusterManagementModule } from '@nest-cluster/management';
import { ClusterMetricsModule } from '@nest-cluster/prometheus';
import { ClusterHealthIndicator } from '@nest-cluster/terminus';
import { HealthController } from './health.controller${extension}';
import { StatusController } from './status.controller${extension}';
`;
  const modules = `[
    ClusterModule.forRoot(),
    TerminusModule.forRoot({ logger: false }),
    PrometheusModule.register(),
    ClusterMetricsModule.forRoot(),
    ClusterManagementModule.forRoot({ token: '${TOKEN}' }),
  ]`;
  return (
    imports +
    module
      .replace(/imports: \[\]/, `imports: ${modules}`)
      .replace(
        /controllers: \[AppController\]/,
        'controllers: [AppController, HealthController, StatusController]',
      )
      .replace(/providers: \[AppService\]/, 'providers: [AppService, ClusterHealthIndicator]')
  );
}
