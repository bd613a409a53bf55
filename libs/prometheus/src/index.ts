// The state of the cluster as Prometheus metrics.
export {};
