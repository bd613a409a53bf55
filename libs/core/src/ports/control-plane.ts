/**
 * The control plane as the application's main thread sees it: membership and leadership, running in a worker thread or
 * inline. Everything here is a snapshot or a message; only the lease is shared memory.
 */
import type {
  Address,
  Guarantee,
  Incarnation,
  Leader,
  Member,
  NodeEvent,
  NodeInfo,
  ClusterState,
} from '@nest-cluster/protocol';
import type { DialFailure, RejectReason, TransportCounters } from './transport.js';

export interface ControlPlane {
  /** Binds and listens, and resolves with what this node says about itself. Nobody is contacted yet. */
  listen(): Promise<NodeInfo>;
  /** Membership begins; events flow. */
  start(listener: ControlPlaneListener): void;
  /** The latest view; replaced as a whole on change. */
  view(): ClusterView;
  contacts(addresses: readonly Address[]): void;
  stepDown(): void;
  workEnded(token: number): void;
  /** Time of `monotonicMs()` until which this node leads, under this token if one is given, from shared memory; 0 when it does not (L2, L3). */
  leadsUntil(token?: number): number;
  token(): number;
  /** Asks one node's application something, by topic. Rejects with `CLUSTER_NODE_UNKNOWN` or `CLUSTER_CALL_FAILED`. */
  call(to: Incarnation, topic: string, body: unknown, timeoutMs?: number): Promise<unknown>;
  /** Answers calls of one topic. */
  answer(topic: string, answer: (body: unknown, from: NodeInfo) => unknown): void;
  /** Resolves with counters read now. */
  counters(): Promise<ControlPlaneCounters>;
  /** Says goodbye to the others; resolves when they were told. The plane still listens, and `rejoin` is possible. */
  leave(): Promise<void>;
  /** Back into the cluster after `leave`, as a new incarnation. */
  rejoin(): Promise<NodeInfo>;
  /** Closes everything this plane owns: links, listener, timers, worker. */
  close(): Promise<void>;
}

export interface ControlPlaneListener {
  event(event: NodeEvent): void;
  /** Something of the view has changed; told before the events that belong to it. */
  viewed?(view: ClusterView): void;
  /** Bytes or peers were turned away; told at most once per reason and second, with the number since. */
  rejected(reason: RejectReason, detail: string, count: number): void;
  /** The worker died and was replaced: leadership is lost, and this node is a new incarnation. */
  restarted(self: NodeInfo, cause: Error): void;
}

export interface ClusterView {
  readonly self: NodeInfo;
  readonly state: ClusterState;
  /** How many nodes are expected: voters, `size`, or the last stable view (M7). */
  readonly expected: number;
  readonly quorum: number;
  readonly guarantee: Guarantee;
  readonly leader: Leader | null;
  /** Everybody known, this node included, in order of name; members that went away for as long as they are remembered. */
  readonly members: readonly Member[];
  /** Voters that are up and keep silent after their start, so that they do not vote yet (L4). */
  readonly silentVoters: readonly Incarnation[];
}

export interface ControlPlaneCounters {
  readonly transport: TransportCounters;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  /** Addresses whose last dial failed, the latest last; at most 32. */
  readonly failedDials?: readonly { readonly address: Address; readonly failure: DialFailure }[];
  /** Probes that were answered so far, which tells a reader how many of `probeSeconds` are new to it. */
  readonly probesAnswered: number;
  /** Round trips of the probes that were answered last, in seconds, newest last; at most 1,024 of them. */
  readonly probeSeconds: readonly number[];
  /** How long the main thread has made no progress, in seconds. */
  readonly mainThreadLagSeconds: number;
}
