/**
 * `waitForQuorum`: an application that may not start before enough nodes are there (N1).
 */
import { ClusterError } from '@nest-cluster/protocol';
import type { Cluster } from './cluster.js';
import type { ClusterEvents } from './cluster-events.js';
import type { Shutdown } from './shutdown.js';
import { within } from './within.js';

/**
 * Resolves once the cluster is no longer `red`; rejects with `CLUSTER_STOPPED` when the application closes first.
 *
 * @param wait `true`: for as long as it takes; a number: at most so many milliseconds, then `CLUSTER_QUORUM_UNAVAILABLE`;
 *   `false`: not at all
 */
export async function quorumReached(
  cluster: Cluster,
  events: ClusterEvents,
  wait: boolean | number,
  shutdown: Shutdown,
): Promise<void> {
  if (wait === false) return;
  const reached = new Promise<void>((resolve) => {
    const look = () => {
      if (cluster.state === 'red') return;
      stop();
      resolve();
    };
    const stop = events.subscribe('*', look, 'waitForQuorum');
    look();
  });
  const reachedOrStopped = shutdown.orStop(reached);
  if (wait === true) return reachedOrStopped;
  await within(wait, reachedOrStopped, () => {
    const seen = `${cluster.size.current} of the ${cluster.quorum} nodes that are needed were there`;
    return new ClusterError(
      'CLUSTER_QUORUM_UNAVAILABLE',
      `no quorum within waitForQuorum, ${wait} ms: ${seen}`,
    );
  });
}
