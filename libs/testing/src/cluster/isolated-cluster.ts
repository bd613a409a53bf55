/**
 * Options under which nodes of a test meet nobody but each other: a network in memory, no sockets, no worker thread.
 */
import { randomUUID } from 'node:crypto';
import { MemoryNetwork, type ClusterOptions } from '@nest-cluster/core';

/** Short enough for a test, long enough for a busy machine. */
const LEADERSHIP = { leaseMs: 500, renewMs: 100, stallMs: 400, stableViewMs: 300 };
const MEMBERSHIP = { probeIntervalMs: 100, probeTimeoutMs: 60, suspicionMs: 400, redialMaxMs: 500 };

/**
 * For an application that is alone in its cluster, whatever else runs on the machine: it leads and has the store soon after
 * its start. A test of a module that imports `ClusterModule` itself overrides the provider `CLUSTER_OPTIONS` with this. The
 * options replace those of the module; give what the test needs of them.
 */
export function isolatedCluster(options: ClusterOptions = {}): ClusterOptions {
  return {
    size: 1,
    cluster: `test-${randomUUID()}`,
    name: 'test',
    ...forTests(options),
    strategy: options.strategy ?? { name: 'nobody', discover: () => Promise.resolve([]) },
    transport: options.transport ?? new MemoryNetwork().transport,
  };
}

/** The options, with times that suit a test. */
export function forTests(options: ClusterOptions): ClusterOptions {
  return {
    discoveryIntervalMs: 200,
    ...options,
    leadership: { ...LEADERSHIP, ...options.leadership },
    membership: { ...MEMBERSHIP, ...options.membership },
    thread: 'main',
  };
}
