/**
 * What a node tells its application. One event per change, in the order in which this node saw it.
 */
import type { DownReason, NodeInfo, NodeStatus } from './node.js';

/** `green`: all expected nodes up, and all voters vote. `yellow`: fewer, yet a quorum. `red`: no quorum (M7). */
export type ClusterState = 'green' | 'yellow' | 'red';

/** `quorum`: never two leaders. `engine`: as good as the engine named. `best-effort`: two are possible after a split (L5). */
export type Guarantee = 'quorum' | 'engine' | 'best-effort';

/** Why a term ended for its holder. */
export type LossReason = 'expired' | 'steppedDown' | 'leaving' | 'clockJump' | 'refused' | 'engineFailed';

export interface Leader {
  readonly node: NodeInfo;
  /** Fencing token of the term (L3). */
  readonly token: number;
}

/** A member as this node sees it now. */
export interface Member {
  readonly node: NodeInfo;
  readonly status: NodeStatus;
  /** Wall clock of this node when the member last came up, in milliseconds. */
  readonly upSince: number;
  /** This node hears it directly, not only through others. */
  readonly seen: boolean;
}

export type NodeEvent =
  | { readonly type: 'nodeUp'; readonly node: NodeInfo }
  | { readonly type: 'nodeDown'; readonly node: NodeInfo; readonly reason: DownReason }
  /** Between up and down: suspected, cleared, degraded, recovered, seen or unseen. */
  | { readonly type: 'nodeChanged'; readonly member: Member }
  | { readonly type: 'stateChanged'; readonly state: ClusterState; readonly previous: ClusterState }
  /** Who leads, as far as this node knows. Only `isLeader()` on the leader itself is binding. */
  | { readonly type: 'leaderChanged'; readonly leader: Leader | null }
  | { readonly type: 'leadershipAcquired'; readonly token: number }
  | { readonly type: 'leadershipLost'; readonly token: number; readonly reason: LossReason }
  /** A node that was declared failed is met again in the same incarnation: this node and it were apart (P1). */
  | {
      readonly type: 'partitionDetected';
      readonly returned: readonly NodeInfo[];
      readonly here: readonly NodeInfo[];
    }
  /** An older, living process has this node's name; this node stays out and tries again later (T1). */
  | { readonly type: 'refused'; readonly holder: NodeInfo }
  | { readonly type: 'admitted' }
  /** More nodes are up than `size` says, so that more votes are needed (L5). */
  | { readonly type: 'quorumRaised'; readonly quorum: number; readonly nodes: number; readonly size: number };
