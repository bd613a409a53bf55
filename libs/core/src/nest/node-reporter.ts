/**
 * Tells what the control plane saw: one line in the log and one typed event for each change, none for each message.
 */
import { Logger } from '@nestjs/common';
import type { ClusterState, NodeEvent, NodeInfo } from '@nest-cluster/protocol';
import { monotonicMs, wallMs } from '../ports/clock.js';
import type { ClusterView } from '../ports/control-plane.js';
import type { RejectReason } from '../ports/transport.js';
import {
  ClusterStateChangedEvent,
  NodeAdmittedEvent,
  NodeChangedEvent,
  NodeDownEvent,
  NodeRefusedEvent,
  NodeUpEvent,
  PartitionDetectedEvent,
  QuorumRaisedEvent,
  type ClusterEvent,
} from './cluster-event.js';
import type { ClusterEvents } from './cluster-events.js';

/** A reason that goes on is logged again after this long, in milliseconds. */
const REPEAT_MS = 60_000;

const WHY: Readonly<Record<RejectReason, string>> = {
  unknownKey: 'unknown key: a peer has another secret; give all nodes the same CLUSTER_SECRET',
  plainText: 'a peer speaks without a secret; give all nodes the same CLUSTER_SECRET',
  tls: 'a peer could not agree on TLS',
  certificate: 'a peer showed a certificate that is not trusted here',
  handshakeTimeout: 'a peer connected and did not introduce itself in time',
  handshakeInvalid: 'a peer introduced itself in a way that makes no sense',
  otherCluster: 'a peer belongs to a cluster of another name',
  otherVersion: 'a peer speaks no version of the protocol that this node speaks',
  frameTooLarge: 'a peer sent more at once than is allowed',
  frameInvalid: 'a peer sent bytes that make no sense',
  tooManyLinks: 'too many peers are connected',
  backlogFull: 'a peer does not read what it is sent',
  gossipForged: 'a datagram was not sealed with the secret; give all nodes the same CLUSTER_SECRET',
  gossipReplayed: 'a datagram was sent again by somebody',
  gossipInvalid: 'a datagram makes no sense',
  gossipOtherCluster: 'a datagram belongs to a cluster of another name',
};

export class NodeReporter {
  private readonly logger = new Logger('Cluster');
  private readonly rejections = new Map<RejectReason, { quietUntil: number; unsaid: number }>();
  private refusedBy: string | undefined;

  constructor(
    private readonly events: ClusterEvents,
    private readonly view: () => ClusterView,
  ) {}

  report(event: NodeEvent): void {
    const { self } = this.view();
    if ('node' in event && event.node.incarnation === self.incarnation) return;
    const told = this.translate(event, wallMs());
    if (told !== undefined) this.events.emit(told);
  }

  /** The first of its kind is logged at once, what follows is summed up each minute. */
  rejected(reason: RejectReason, detail: string, count: number): void {
    const now = monotonicMs();
    const known = this.rejections.get(reason) ?? { quietUntil: 0, unsaid: 0 };
    this.rejections.set(reason, known);
    known.unsaid += count;
    if (now < known.quietUntil) return;
    this.logger.warn(`${WHY[reason]} (${detail}${known.unsaid > 1 ? `; ${known.unsaid} times` : ''})`);
    known.quietUntil = now + REPEAT_MS;
    known.unsaid = 0;
  }

  private translate(event: NodeEvent, at: number): ClusterEvent | undefined {
    switch (event.type) {
      case 'nodeUp':
        this.logger.log(`${event.node.name} is up (${event.node.address}); ${this.count()}`);
        return new NodeUpEvent(event.node, at);
      case 'nodeDown':
        this.logger.log(`${event.node.name} ${event.reason === 'left' ? 'left' : 'failed'}; ${this.count()}`);
        return new NodeDownEvent(event.node, event.reason, at);
      case 'nodeChanged':
        return new NodeChangedEvent(event.member, at);
      case 'stateChanged':
        this.stateChanged(event.state);
        return new ClusterStateChangedEvent(event.state, event.previous, at);
      case 'partitionDetected':
        this.logger.warn(
          `the cluster was apart: ${names(event.returned)} were away from ${names(event.here)}`,
        );
        return new PartitionDetectedEvent(event.returned, event.here, at);
      case 'refused':
        this.refused(event.holder);
        return new NodeRefusedEvent(event.holder, at);
      case 'admitted':
        if (this.refusedBy !== undefined)
          this.logger.log('this node is a member now: its name has become free');
        this.refusedBy = undefined;
        return new NodeAdmittedEvent(at);
      case 'quorumRaised':
        this.logger.warn(
          `${event.nodes} nodes are up and size is ${event.size}, so that ${event.quorum} votes are needed now; ` +
            'set CLUSTER_SIZE to the number of nodes, on all of them',
        );
        return new QuorumRaisedEvent(event.quorum, event.nodes, event.size, at);
      default:
        // Leadership is told by whoever decides it.
        return undefined;
    }
  }

  private stateChanged(state: ClusterState): void {
    if (state === 'red') this.logger.warn(`no quorum: ${this.count()}, ${this.view().quorum} are needed`);
    else this.logger.log(`the cluster is ${state}: ${this.count()}`);
  }

  private refused(holder: NodeInfo): void {
    if (this.refusedBy === holder.incarnation) return;
    this.refusedBy = holder.incarnation;
    this.logger.error(
      `CLUSTER_NAME_TAKEN: the name ${holder.name} belongs to a living process at ${holder.address}. This node stays out ` +
        'and tries again; give it a name of its own with CLUSTER_NODE_NAME',
    );
  }

  private count(): string {
    const { members, expected } = this.view();
    const up = members.filter(({ status }) => status !== 'down' && status !== 'left').length;
    return `${up} of ${expected} nodes`;
  }
}

function names(nodes: readonly NodeInfo[]): string {
  const shown = nodes.slice(0, 10).map(({ name }) => name);
  return shown.join(', ') + (nodes.length > shown.length ? ` and ${nodes.length - shown.length} more` : '');
}
