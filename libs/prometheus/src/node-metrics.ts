/**
 * Who is there and who leads.
 */
import type { Cluster, ClusterLeadership } from '@nest-cluster/core';
import type { Meters } from './meters.js';
import type { EventTally, Readings } from './readings.js';

const PROBE_BUCKETS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export interface NodeSources {
  readonly cluster: Cluster;
  readonly leadership: ClusterLeadership;
  readonly tally: EventTally;
  readonly readings: Readings;
}

export function nodeMetrics(meters: Meters, { cluster, leadership, tally, readings }: NodeSources): void {
  meters.gauge({
    name: 'cluster_expected_size',
    help: 'Nodes that should be there: voters, size, or the last stable view.',
    read: () => cluster.size.expected,
  });
  meters.gauge({
    name: 'cluster_size',
    help: 'Nodes that are up as this node sees it, itself included.',
    read: () => cluster.size.current,
  });
  meters.gauge({
    name: 'cluster_green',
    help: 'Whether all expected nodes are up and the store is in sync: 1 or 0.',
    read: () => Number(cluster.state === 'green'),
  });
  meters.gauge({
    name: 'cluster_leader',
    help: 'Whether this node leads: 1 or 0.',
    read: () => Number(leadership.isLeader()),
  });
  meters.gauge({
    name: 'cluster_leader_token',
    help: 'Fencing token of the leader that this node knows of; 0 when it knows of none.',
    read: () => leadership.leader?.token ?? 0,
  });
  meters.counter({
    name: 'cluster_leader_elections_total',
    help: 'Elections that this node saw a leader come out of.',
    read: () => tally.elections,
  });
  meters.gauge({
    name: 'cluster_main_thread_lag_seconds',
    help: 'Longest time without progress of the main thread since the last scrape.',
    read: async () => (await readings.now()).lagSeconds,
  });
  meters.histogram({
    name: 'cluster_probe_seconds',
    help: 'Round trips of answered probes.',
    buckets: PROBE_BUCKETS,
    read: async () => (await readings.now()).probeSeconds,
  });
}
