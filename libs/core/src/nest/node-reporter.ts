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

  private toldState: ClusterState = 'red';

  constructor(
    private readonly events: ClusterEvents,
    private readonly view: () => ClusterView,
    /** Of nodes and store together (M7). */
    private readonly state: () => ClusterState,
  ) {}

  report(event: NodeEvent): void {
    const { self } = this.view();
    if (event.type === 'stateChanged') return this.reviewState();
    if ('node' in event && event.node.incarnation === self.incarnation) return;
    const told = this.translate(event, wallMs());
    if (told !== undefined) this.events.emit(told);
    if (event.type === 'nodeChanged') this.reviewState();
  }

  /** Told whenever something has changed that the state depends on. */
  reviewState(): void {
    const [state, previous] = [this.state(), this.toldState];
    if (state === previous) return;
    this.toldState = state;
    this.stateChanged(state);
    this.events.emit(new ClusterStateChangedEvent(state, previous, wallMs()));
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
        // Leadership is told by whoever decides it, and partitions by the store, which finds the sides together.
        return undefined;
    }
  }

  private stateChanged(state: ClusterState): void {
    if (state === 'red') this.logger.warn(`no quorum: ${this.count()}, ${this.view().quorum} are needed`);
    else this.logger.log(`the cluster is ${state}: ${this.count()}${this.lag(state)}`);
  }

  private refused(holder: NodeInfo): void {
    if (this.refusedBy === holder.incarnation) return;
    this.refusedBy = holder.incarnation;
    this.logger.error(
      `CLUSTER_NAME_TAKEN: the name ${holder.name} belongs to a living process at ${holder.address}. This node stays out ` +
        'and tries again; give it a name of its own with CLUSTER_NODE_NAME',
    );
  }

  /** Everybody is there, and yet the cluster is not green (N7). */
  private lag(state: ClusterState): string {
    if (state !== 'yellow') return '';
    const { state: ofNodes, members, silentVoters } = this.view();
    if (ofNodes === 'green') return ', the store is not in sync yet';
    const silent = members.filter(({ node }) => silentVoters.includes(node.incarnation));
    if (silent.length === 0) return '';
    return `; ${silent.map(({ node }) => node.name).join(', ')} started less than a lease ago and does not vote yet`;
  }

  private count(): string {
    const { members, expected } = this.view();
    const up = members.filter(({ status }) => status !== 'down' && status !== 'left').length;
    return `${up} of ${expected} nodes`;
  }
}
