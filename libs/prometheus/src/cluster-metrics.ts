/**
 * All metrics of one node. Values are read when they are scraped; between scrapes nothing is computed, and only events that
 * nobody keeps count of are counted. What was registered is taken out again on shutdown.
 */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  Cluster,
  ClusterDiscovery,
  ClusterError,
  ClusterEvents,
  ClusterLeadership,
  ClusterStore,
} from '@nest-cluster/core';
import type { Registry } from 'prom-client';
import { linkMetrics } from './link-metrics.js';
import { Meters } from './meters.js';
import { nodeMetrics } from './node-metrics.js';
import { EventTally, Readings } from './readings.js';
import { storeMetrics } from './store-metrics.js';

export const METRICS_REGISTRY = Symbol('METRICS_REGISTRY');

@Injectable()
export class ClusterMetrics implements OnApplicationShutdown {
  private readonly meters: Meters;
  private readonly tally: EventTally;
  private readonly readings: Readings;

  constructor(
    @Inject(METRICS_REGISTRY) registry: Registry,
    @Inject(Cluster) cluster: Cluster,
    @Inject(ClusterEvents) events: ClusterEvents,
    @Inject(ClusterLeadership) leadership: ClusterLeadership,
    @Inject(ClusterDiscovery) discovery: ClusterDiscovery,
    @Inject(ClusterStore) store: ClusterStore,
  ) {
    if (registry.getSingleMetric('cluster_size') !== undefined) {
      throw new ClusterError(
        'CLUSTER_ALREADY_REGISTERED',
        'this registry holds the metrics of another node already. Give each application a Registry of its own: ' +
          'ClusterMetricsModule.forRoot({ registry }), served by metricsController(registry).',
      );
    }
    this.meters = new Meters(registry);
    this.tally = new EventTally(events);
    this.readings = new Readings(cluster, store);
    nodeMetrics(this.meters, { cluster, leadership, tally: this.tally, readings: this.readings });
    storeMetrics(this.meters, { store, tally: this.tally, readings: this.readings });
    linkMetrics(this.meters, { discovery, readings: this.readings });
  }

  onApplicationShutdown(): void {
    this.meters.remove();
    this.tally.close();
    this.readings.close();
  }
}
