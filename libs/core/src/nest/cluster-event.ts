/**
 * What handlers and listeners get: one typed object per event, in the order in which this node saw things happen.
 * Classes, so that a decorated handler can name its parameter's type without a type-only import. `at` is this node's
 * wall clock in milliseconds.
 *
 * `nodeUp` and `nodeDown` speak of other nodes only and alternate strictly for each of them (M1). Nothing is told about
 * what happened before this node started: what it finds then arrives as events from the start on.
 */
import type {
  ClusterState,
  DownReason,
  LossReason,
  Member,
  MergeReport,
  NodeInfo,
} from '@nest-cluster/protocol';
import type { LeaderView } from '../ports/leadership-provider.js';
import type { StoreEventMap } from './store-event.js';

/** Another node is there. */
export class NodeUpEvent {
  readonly type = 'nodeUp';
  constructor(
    readonly node: NodeInfo,
    readonly at: number,
  ) {}
}

/** Another node is gone: it said goodbye (`left`) or stopped answering (`failed`). */
export class NodeDownEvent {
  readonly type = 'nodeDown';
  constructor(
    readonly node: NodeInfo,
    readonly reason: DownReason,
    readonly at: number,
  ) {}
}

/** Something about a member that neither came nor went: suspected, cleared, degraded, recovered, seen or unseen. */
export class NodeChangedEvent {
  readonly type = 'nodeChanged';
  readonly node: NodeInfo;
  constructor(
    readonly member: Member,
    readonly at: number,
  ) {
    this.node = member.node;
  }
}

export class ClusterStateChangedEvent {
  readonly type = 'stateChanged';
  constructor(
    readonly state: ClusterState,
    readonly previous: ClusterState,
    readonly at: number,
  ) {}
}

/** Who leads as far as this node knows; only `ClusterLeadership.isLeader()` on the leader itself is binding. */
export class LeaderChangedEvent {
  readonly type = 'leaderChanged';
  constructor(
    readonly leader: LeaderView | null,
    readonly previous: LeaderView | null,
    readonly at: number,
  ) {}
}

/** This node leads. `token` grows over terms (L3); `signal` aborts before the term ends (L9). */
export class LeadershipAcquiredEvent {
  readonly type = 'leadershipAcquired';
  constructor(
    readonly token: number,
    readonly signal: AbortSignal,
    readonly at: number,
  ) {}

  /** A signal means nothing outside of this process. */
  toJSON(): object {
    return { type: this.type, token: this.token, at: this.at };
  }
}

/** This node leads no more. Its signals have aborted already. */
export class LeadershipLostEvent {
  readonly type = 'leadershipLost';
  constructor(
    readonly token: number,
    readonly reason: LossReason,
    readonly at: number,
  ) {}
}

/**
 * Nodes that were declared failed are met again in the same life: the sides were apart (P1). `sides` holds node names, those
 * of this node's side first, as far as they are known by now.
 */
export class PartitionDetectedEvent {
  readonly type = 'partitionDetected';
  constructor(
    /** For `ClusterStore.diff` and `resolve`. */
    readonly partition: string,
    readonly sides: readonly (readonly string[])[],
    /** Nothing is merged until somebody chooses (P4). */
    readonly isWaiting: boolean,
    readonly at: number,
  ) {}
}

/** The sides' stores are one again (P3, P4). The counts say what that did on this node. */
export class PartitionHealedEvent {
  readonly type = 'partitionHealed';
  /** Keys that other sides changed and this node took. */
  readonly merged: number;
  readonly conflicts: number;
  readonly deletes: number;
  /** Changes of this side that were given up for another side's (P4). */
  readonly dropped: number;
  /** Some of the keys. */
  readonly conflictKeys: readonly string[];
  readonly droppedKeys: readonly string[];

  constructor(
    readonly partition: string,
    readonly sides: readonly (readonly string[])[],
    report: MergeReport,
    readonly at: number,
  ) {
    this.merged = report.merged;
    this.conflicts = report.conflicts;
    this.deletes = report.deletes;
    this.dropped = report.dropped;
    this.conflictKeys = report.conflictKeys;
    this.droppedKeys = report.droppedKeys;
  }
}

/** An older, living process has this node's name; this node stays out and tries again (T1). */
export class NodeRefusedEvent {
  readonly type = 'refused';
  constructor(
    readonly holder: NodeInfo,
    readonly at: number,
  ) {}
}

/** This node, refused before, is now a member. */
export class NodeAdmittedEvent {
  readonly type = 'admitted';
  constructor(readonly at: number) {}
}

/** More nodes are up than `size` says, so that more votes are needed (L5). */
export class QuorumRaisedEvent {
  readonly type = 'quorumRaised';
  constructor(
    readonly quorum: number,
    readonly nodes: number,
    readonly size: number,
    readonly at: number,
  ) {}
}

export interface ClusterEventMap extends StoreEventMap {
  readonly nodeUp: NodeUpEvent;
  readonly nodeDown: NodeDownEvent;
  readonly nodeChanged: NodeChangedEvent;
  readonly stateChanged: ClusterStateChangedEvent;
  readonly leaderChanged: LeaderChangedEvent;
  readonly leadershipAcquired: LeadershipAcquiredEvent;
  readonly leadershipLost: LeadershipLostEvent;
  readonly partitionDetected: PartitionDetectedEvent;
  readonly partitionHealed: PartitionHealedEvent;
  readonly refused: NodeRefusedEvent;
  readonly admitted: NodeAdmittedEvent;
  readonly quorumRaised: QuorumRaisedEvent;
}

export type ClusterEventType = keyof ClusterEventMap;
export type ClusterEvent = ClusterEventMap[ClusterEventType];
