/**
 * The cluster as this node sees it now: who is there, and whether that is enough (M7). Everything is read from the latest
 * view and costs no message.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  ClusterError,
  type ClusterState,
  type Incarnation,
  type Member,
  type NodeInfo,
  type NodeStatus,
} from '@nest-cluster/protocol';
import type { Observable } from 'rxjs';
import { contactPoint, parseContactPoint } from '../ports/contact-point.js';
import type { LeaderView } from '../ports/leadership-provider.js';
import type { ClusterView, ControlPlane, ControlPlaneCounters } from '../ports/control-plane.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterEvents } from './cluster-events.js';
import type { ClusterLeadership } from './cluster-leadership.js';
import { isPresent, livesOf } from './lives.js';
import { OWN_EVENTS, OWN_LEADERSHIP } from './tokens.js';

/** A node as this one sees it. Times are wall clock in milliseconds. */
export interface ClusterNode {
  readonly name: string;
  /** One life of one process; another after each restart (T1). */
  readonly incarnation: string;
  /** `host:port` of its control plane. */
  readonly address: string;
  readonly status: NodeStatus;
  /** It is this node. */
  readonly self: boolean;
  /** It leads, as far as this node knows. */
  readonly leader: boolean;
  /** By its own clock. */
  readonly startedAt: number;
  /** By this node's clock; `startedAt` of a node that was gone before this one could meet it. */
  readonly upSince: number;
  /** This node hears it directly, and not only through others. */
  readonly seen: boolean;
  /** Its vote is silent for one lease after its start, so that one loss more may leave no quorum to elect a leader (L4). */
  readonly voteSilent: boolean;
}

export interface ClusterSize {
  /** Voters, `size`, or the last stable view. */
  readonly expected: number;
  /** Nodes that are up, this one included. */
  readonly current: number;
}

/** What this node answers to others under one topic. The result is sent back; what it throws reaches the caller as an error. */
export type ClusterAnswer = (body: unknown, from: NodeInfo) => unknown;

/** @internal What the runtime hands in while this node has a control plane. */
export interface ClusterSeat {
  readonly plane: ControlPlane;
  /** This node has the store, and replicates it with everybody who is up (M7). */
  isStoreInSync(): boolean;
  /** False after `leave`, and from the moment at which a shutdown begins. */
  isMember(): boolean;
  leave(): Promise<void>;
  rejoin(): Promise<void>;
}

/**
 * The cluster as this node sees it now: who is there, in what state, and whether that is enough. Inject it anywhere.
 * Everything is read from the latest view and costs no message. Before the application has started there are no nodes, the
 * state is `red`, and `self` throws `CLUSTER_NOT_STARTED`.
 */
@Injectable()
export class Cluster {
  private seat: ClusterSeat | undefined;
  private readonly answers = new Map<string, ClusterAnswer>();

  constructor(
    @Inject(OWN_EVENTS) private readonly clusterEvents: ClusterEvents,
    @Inject(OWN_LEADERSHIP) private readonly leadership: ClusterLeadership,
  ) {}

  /** False before start and after shutdown, when there is nobody to see. */
  get isStarted(): boolean {
    return this.seat !== undefined;
  }

  /** This node takes part: it has started, has not left, and is not shutting down. */
  get isMember(): boolean {
    return this.seat?.isMember() ?? false;
  }

  /** This node. Throws `CLUSTER_NOT_STARTED` before the application has started. */
  get self(): ClusterNode {
    const { self, members } = this.view();
    const member = members.find(({ node }) => node.incarnation === self.incarnation);
    return this.describe(member ?? { node: self, status: 'up', upSince: self.startedAt, seen: true });
  }

  /** One for each name, in order of name (M8): its present life, or the last one while nobody is up under the name. */
  get nodes(): readonly ClusterNode[] {
    return this.seat === undefined ? [] : this.describeAll(livesOf(this.view().members).latest);
  }

  /**
   * Earlier lives of the names in `nodes`, in order of name and start. Each is remembered for `membership.rememberMs`, and
   * `membership.membersMax` bounds them together with the nodes that are up.
   */
  get pastNodes(): readonly ClusterNode[] {
    return this.seat === undefined ? [] : this.describeAll(livesOf(this.view().members).past);
  }

  /** The node of this name, as `nodes` lists it; undefined when nobody has the name. */
  node(name: string): ClusterNode | undefined {
    if (this.seat === undefined) return undefined;
    const [member] = livesOf(this.view().members.filter(({ node }) => node.name === name)).latest;
    return member && this.describe(member);
  }

  /** `green` while all expected nodes are up, all of them vote, and the store is replicated with all (M7). `red` before start. */
  get state(): ClusterState {
    if (this.seat === undefined) return 'red';
    const { state } = this.view();
    return state === 'green' && !this.seat.isStoreInSync() ? 'yellow' : state;
  }

  /** How many nodes there should be, and how many are up. Zeros before start. */
  get size(): ClusterSize {
    if (this.seat === undefined) return { expected: 0, current: 0 };
    const { expected, members } = this.view();
    return { expected, current: members.filter(isPresent).length };
  }

  /** How many nodes make a quorum. */
  get quorum(): number {
    return this.seat === undefined ? 0 : this.view().quorum;
  }

  /** Who leads, as far as this node knows. */
  get leader(): LeaderView | null {
    return this.leadership.leader;
  }

  /** All events, as `ClusterEvents.events$`. */
  get events$(): Observable<ClusterEvent> {
    return this.clusterEvents.events$;
  }

  /**
   * Asks the application of another node, by name, and resolves with what it answered under this topic. Rejects with
   * `CLUSTER_NODE_UNKNOWN` or `CLUSTER_CALL_FAILED`, also when no answer came within `timeoutMs` milliseconds.
   */
  async call(name: string, topic: string, body: unknown, timeoutMs?: number): Promise<unknown> {
    const node = this.node(name);
    if (node === undefined) throw new ClusterError('CLUSTER_NODE_UNKNOWN', `no node is named ${name}`);
    const target = this.view().members.find((member) => member.node.incarnation === node.incarnation);
    if (target === undefined) throw new ClusterError('CLUSTER_NODE_UNKNOWN', `${name} is gone`);
    return this.plane().call(target.node.incarnation, topic, body, timeoutMs);
  }

  /** Answers what other nodes ask under this topic, from now on; a later answer to the same topic takes its place. */
  answer(topic: string, answer: ClusterAnswer): void {
    this.answers.set(topic, answer);
    this.seat?.plane.answer(topic, answer);
  }

  /** Counters read now, for metrics. */
  async counters(): Promise<ControlPlaneCounters> {
    return this.plane().counters();
  }

  /** Dials this address (`host:port`) now, as if discovery had found it. */
  dial(address: string): void {
    const point = parseContactPoint(address);
    if (point === undefined)
      throw new ClusterError('CLUSTER_OPTIONS_INVALID', `address is ${address}, must be host:port`);
    // Just written by `contactPoint`, so it is one.
    this.plane().contacts([contactPoint(point.host, point.port) as NodeInfo['address']]);
  }

  /** Out of the cluster; the process lives on, and may `rejoin`. Leader work ends first, within `shutdownTimeoutMs` (10,000 ms). */
  async leave(): Promise<void> {
    if (this.seat === undefined) throw notStarted();
    await this.seat.leave();
  }

  /** Back into the cluster after `leave`, as a new incarnation. */
  async rejoin(): Promise<void> {
    if (this.seat === undefined) throw notStarted();
    await this.seat.rejoin();
  }

  /** @internal */
  attach(seat: ClusterSeat | undefined): void {
    this.seat = seat;
    for (const [topic, answer] of this.answers) seat?.plane.answer(topic, answer);
  }

  private plane(): ControlPlane {
    if (this.seat === undefined) throw notStarted();
    return this.seat.plane;
  }

  private view(): ClusterView {
    return this.plane().view();
  }

  private describeAll(members: readonly Member[]): readonly ClusterNode[] {
    return members.map((member) => this.describe(member));
  }

  private describe({ node, status, upSince, seen }: Member): ClusterNode {
    const { name, incarnation, address, startedAt } = node;
    return {
      name,
      incarnation,
      address,
      status,
      self: this.isSelf(incarnation),
      leader: this.leader?.incarnation === incarnation,
      startedAt,
      upSince: upSince || startedAt,
      seen,
      voteSilent: this.view().silentVoters.includes(incarnation),
    };
  }

  private isSelf(incarnation: Incarnation): boolean {
    return this.view().self.incarnation === incarnation;
  }
}

function notStarted(): ClusterError {
  return new ClusterError(
    'CLUSTER_NOT_STARTED',
    'this node is not in a cluster: the application has not started, or has stopped',
  );
}
