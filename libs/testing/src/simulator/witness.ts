/**
 * What one process has told its application, put together from its events alone: who is up, who leads, which state.
 */
import type {
  ClusterState,
  Incarnation,
  Leader,
  NodeEvent,
  NodeInfo,
  NodeName,
  NodeStatus,
} from '@nest-cluster/protocol';

export class Witness {
  readonly up = new Map<NodeName, NodeInfo>();
  readonly statuses = new Map<Incarnation, NodeStatus>();
  state: ClusterState = 'red';
  leader: Leader | null = null;

  hear(event: NodeEvent): void {
    switch (event.type) {
      case 'nodeUp':
        this.up.set(event.node.name, event.node);
        break;
      case 'nodeDown':
        this.up.delete(event.node.name);
        this.statuses.delete(event.node.incarnation);
        break;
      case 'nodeChanged':
        this.statuses.set(event.member.node.incarnation, event.member.status);
        break;
      case 'stateChanged':
        this.state = event.state;
        break;
      case 'leaderChanged':
        this.leader = event.leader;
    }
  }

  sees({ name, incarnation }: NodeInfo): boolean {
    return this.up.get(name)?.incarnation === incarnation;
  }

  suspects({ incarnation }: NodeInfo): boolean {
    return this.statuses.get(incarnation) === 'suspect';
  }
}
