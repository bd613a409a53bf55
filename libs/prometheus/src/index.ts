// The state of the cluster as Prometheus metrics.
export { ClusterMetricsModule, type ClusterMetricsOptions } from './cluster-metrics.module.js';
export { metricsController } from './metrics.controller.js';
