/**
 * The cluster's metrics in a registry that the application serves. `/metrics` itself is the application's, by
 * `PrometheusModule`; importing this module beside it is all there is to do.
 */
import { Module, type DynamicModule } from '@nestjs/common';
import { register, type Registry } from 'prom-client';
import { ClusterMetrics, METRICS_REGISTRY } from './cluster-metrics.js';

export interface ClusterMetricsOptions {
  /**
   * Where the metrics are registered. Default: the registry of the process, which `PrometheusModule` serves. Give each
   * application its own when several run in one process, and serve it with `metricsController(registry)`.
   */
  readonly registry?: Registry;
}

@Module({})
export class ClusterMetricsModule {
  static forRoot({ registry = register }: ClusterMetricsOptions = {}): DynamicModule {
    return {
      module: ClusterMetricsModule,
      providers: [{ provide: METRICS_REGISTRY, useValue: registry }, ClusterMetrics],
    };
  }
}
