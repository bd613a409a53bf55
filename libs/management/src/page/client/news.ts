/**
 * What an event changes in the picture of the cluster, before the next answer says it all: nobody waits to see that a node is
 * down.
 */
import type { ClusterAnswer, NodeAnswer, ToldEvent } from './types.js';

const STATES = ['green', 'yellow', 'red'] as const;
const STATUSES = ['up', 'degraded', 'suspect', 'down', 'left'] as const;

export function withNews(cluster: ClusterAnswer, event: ToldEvent): ClusterAnswer {
  switch (event.type) {
    case 'nodeDown':
      return withStatus(cluster, event['node'], event['reason'] === 'left' ? 'left' : 'down');
    case 'nodeChanged': {
      const status = STATUSES.find((known) => known === event['status']);
      return status === undefined ? cluster : withStatus(cluster, event['node'], status);
    }
    case 'stateChanged': {
      const state = STATES.find((known) => known === event['state']);
      return state === undefined
        ? cluster
        : { ...cluster, state, since: { ...cluster.since, state: event.at } };
    }
    default:
      return cluster;
  }
}

function withStatus(cluster: ClusterAnswer, node: unknown, status: NodeAnswer['status']): ClusterAnswer {
  const incarnation: unknown =
    typeof node === 'object' && node !== null ? Reflect.get(node, 'incarnation') : undefined;
  const nodes = cluster.nodes.map((known) =>
    known.incarnation === incarnation ? { ...known, status } : known,
  );
  const current = nodes.filter((known) => known.status !== 'down' && known.status !== 'left').length;
  return { ...cluster, nodes, size: { ...cluster.size, current } };
}
