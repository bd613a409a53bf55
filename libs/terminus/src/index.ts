// The state of the cluster as a terminus health indicator.
export { ClusterHealthIndicator, type ClusterHealthResult } from './cluster-health.indicator.js';
export type { ClusterHealthDetails, ClusterHealthExpectations } from './cluster-health.js';
