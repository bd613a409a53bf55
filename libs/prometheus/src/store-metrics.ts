/**
 * The replicated store on this node.
 */
import type { ClusterStore } from '@nest-cluster/core';
import type { Meters } from './meters.js';
import type { EventTally, Readings } from './readings.js';

const REPLICATION_BUCKETS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export interface StoreSources {
  readonly store: ClusterStore;
  readonly tally: EventTally;
  readonly readings: Readings;
}

export function storeMetrics(meters: Meters, { store, tally, readings }: StoreSources): void {
  meters.gauge({
    name: 'cluster_store_ready',
    help: 'Whether this node has the store: 1 or 0.',
    read: () => Number(store.ready),
  });
  meters.gauge({
    name: 'cluster_store_size',
    help: 'Keys in the store.',
    read: () => store.size,
  });
  meters.gauge({
    name: 'cluster_store_subscriptions',
    help: 'Subscriptions to the store on this node.',
    read: () => store.status.subscriptions,
  });
  meters.counter({
    name: 'cluster_store_partitions_total',
    help: 'Partitions that this node detected.',
    read: () => tally.partitions,
  });
  meters.counter({
    name: 'cluster_store_connections_total',
    help: 'Times that replication with another node began.',
    read: () => tally.storeConnections,
  });
  meters.counter({
    name: 'cluster_store_disconnections_total',
    help: 'Times that replication with another node ended.',
    read: () => tally.storeDisconnections,
  });
  meters.counter({
    name: 'cluster_store_conflicts_total',
    help: 'Concurrent writes that were resolved on this node.',
    read: () => store.status.conflicts,
  });
  meters.counter({
    name: 'cluster_store_writes_total',
    help: 'Writes and deletes of this node.',
    read: async () => (await readings.now()).store?.writes ?? 0,
  });
  meters.histogram({
    name: 'cluster_store_replication_seconds',
    help: 'Time from a write of this node until as many nodes held it as it asked for.',
    buckets: REPLICATION_BUCKETS,
    read: async () => (await readings.now()).store?.replicationSeconds ?? [],
  });
}
