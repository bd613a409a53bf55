/**
 * The replicated store as a state machine: inputs and a reading of the clocks in, effects out (T2). It holds the entries,
 * and reads of them are plain calls; everything else goes through `step`. Values are opaque, and it is told who is up.
 *
 * Whoever drives it carries effects out in order, and steps a `tick` no later than `nextDeadline()`. That is `-Infinity`
 * while something waits to be sent: then a `flush` belongs at the end of the current turn, so that all writes of a turn
 * leave in one message.
 */
import type { ClusterErrorCode } from '../error.js';
import type { Instant } from '../instant.js';
import type { Incarnation, NodeInfo } from '../node.js';
import type { Random } from '../random.js';
import type { EntryView, Replica, StoredValue } from './state/entry.js';
import type { Choice, RecoveryMode, StoreMessage } from './message.js';
import type { StoreOptions } from './options.js';

/** How many nodes must hold a write before it resolves (S1): this one, a quorum of those that count, or all that are up. */
export type AckLevel = 'local' | 'quorum' | 'all';

/** What a resolver sees of one of several concurrent writes (S3). */
export interface Candidate {
  readonly value: StoredValue;
  readonly node: Replica;
  /** Hybrid time: milliseconds since 1970 times 2048, plus a count. */
  readonly time: number;
}

/**
 * Makes one value of concurrent ones (S3). Must be pure and give the same on all nodes; candidates come latest first, in
 * the same order everywhere. When it throws, the latest candidate is taken.
 */
export type Resolver = (key: string, candidates: readonly Candidate[]) => StoredValue;

export interface ReplicaConfig {
  readonly self: NodeInfo;
  readonly options: StoreOptions;
  readonly random: Random;
  /** By name or address, who counts for a quorum (S2, L5); everybody when nobody is named. */
  readonly voters?: readonly string[];
  /**
   * The deployment says how many nodes there are, by size or by name, so that a store begins only where a quorum of them
   * meets without one (S7).
   */
  readonly isCounted: boolean;
  /** The later hybrid time wins when there is none. */
  readonly resolver?: Resolver;
}

export type StoreInput =
  | { readonly type: 'start' }
  /** Discovery has completed: nodes that are not up by now are absent. A node that is not counted may then begin (S7). */
  | { readonly type: 'settled' }
  | { readonly type: 'peerUp'; readonly node: NodeInfo }
  | { readonly type: 'peerDown'; readonly node: NodeInfo; readonly left: boolean }
  | { readonly type: 'linkOpened'; readonly peer: NodeInfo }
  | { readonly type: 'linkClosed'; readonly incarnation: Incarnation }
  /** Too much waits on the link to this peer: it gets nothing more until `drained`, and is then repaired. */
  | { readonly type: 'congested'; readonly incarnation: Incarnation }
  | { readonly type: 'drained'; readonly incarnation: Incarnation }
  /** How many nodes are a quorum, and how many of those that count for one are up, this one included in both. */
  | { readonly type: 'quorum'; readonly needed: number; readonly up: number }
  /** Who leads and with which fencing token; undefined when nobody is known to (P4). */
  | { readonly type: 'leader'; readonly leader: Incarnation | undefined; readonly token: number }
  | { readonly type: 'message'; readonly from: Incarnation; readonly message: StoreMessage }
  /** Ends in `acked` or `failed` with this id, as do `delete` and `clear`. Ids are the caller's, unique while they wait. */
  | {
      readonly type: 'write';
      readonly id: number;
      readonly key: string;
      readonly value: StoredValue;
      /** 0: never expires (S5). */
      readonly ttlMs: number;
      readonly ack: AckLevel;
    }
  | { readonly type: 'delete'; readonly id: number; readonly key: string; readonly ack: AckLevel }
  /** Deletes every key that is there now, some per tick. */
  | { readonly type: 'clear'; readonly id: number; readonly ack: AckLevel }
  /** Switches all nodes (P4). */
  | { readonly type: 'recovery'; readonly mode: RecoveryMode }
  /**
   * Ends a partition that waits, by the leader's decision. Ends in `acked`, or `failed`: `CLUSTER_PARTITION_UNKNOWN`,
   * `CLUSTER_PARTITION_DECIDED` when another choice came first, `CLUSTER_QUORUM_UNAVAILABLE` without a leader (P4).
   */
  | { readonly type: 'resolve'; readonly id: number; readonly partition: string; readonly choice: Choice }
  /** Dry run; ends in `diff`, or `failed` (P4). */
  | { readonly type: 'diff'; readonly id: number; readonly partition: string }
  /** The turn is over: sends what waits, and looks at nothing else. */
  | { readonly type: 'flush' }
  | { readonly type: 'tick' };

/** What `get` shows has changed. Per key in causal order, each change once (S6). */
export type StoreChange =
  | {
      readonly type: 'written';
      readonly key: string;
      readonly value: StoredValue;
      readonly previous: StoredValue | undefined;
      /** Who wrote it; the latest writer when it was resolved from several. */
      readonly node: Replica;
      readonly local: boolean;
    }
  | {
      readonly type: 'deleted';
      readonly key: string;
      readonly previous: StoredValue | undefined;
      readonly node: Replica;
      readonly local: boolean;
      /** Its time ran out (S5). */
      readonly expired: boolean;
    };

/** Nodes whose stores grew apart from those of other sides. */
export interface Side {
  /** The smallest incarnation on it; `keep` may name any of its nodes. */
  readonly id: Incarnation;
  readonly nodes: readonly Replica[];
}

export interface Partition {
  readonly id: string;
  readonly sides: readonly Side[];
  /** `waiting`: for an operator. `copying`: this side copies the one that was kept (P4). `merging`: under way. `healed`: over. */
  readonly state: 'waiting' | 'copying' | 'merging' | 'healed';
  /** Wall clock when it was detected, in milliseconds. */
  readonly detectedAt: number;
}

/** What a recovery did on this node (P3). */
export interface MergeReport {
  /** Keys that the other sides changed and this node took. */
  readonly merged: number;
  readonly conflicts: number;
  readonly deletes: number;
  /** Changes of this side that were dropped for `keep` (P4). */
  readonly dropped: number;
  /** Some of the keys, at most `reportKeysMax` each. */
  readonly conflictKeys: readonly string[];
  readonly droppedKeys: readonly string[];
}

/** What a merge would do, seen from this node (P4). */
export interface PartitionDiff {
  readonly partition: string;
  readonly sides: readonly {
    readonly side: Incarnation;
    /** Keys that this side changed and the node that answers lacks; lists are cut at `reportKeysMax`, totals are not. */
    readonly written: readonly string[];
    readonly deleted: readonly string[];
    readonly conflicts: readonly string[];
    readonly total: number;
  }[];
  /** Keys changed here that other sides lack: what `keep` of another side would drop. */
  readonly here: { readonly keys: readonly string[]; readonly total: number };
}

export type StoreEffect =
  /** The same message to each; encode it once. */
  | { readonly type: 'send'; readonly to: readonly Incarnation[]; readonly message: StoreMessage }
  | { readonly type: 'acked'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly code: ClusterErrorCode; readonly reason: string }
  | { readonly type: 'change'; readonly change: StoreChange }
  /** The node has the store (S7). Not `isComplete`: it began with half a copy, because nobody had the rest. */
  | { readonly type: 'ready'; readonly isComplete: boolean }
  /** The store was replaced by a copy of the side that was kept; told before the changes that this makes (P4). */
  | { readonly type: 'replaced' }
  /** The node lacks what others knew some seconds ago, or has caught up (M7). */
  | { readonly type: 'lagging'; readonly isLagging: boolean }
  /** Replication with this node begins, or ends. */
  | { readonly type: 'connected'; readonly node: NodeInfo }
  | { readonly type: 'disconnected'; readonly node: NodeInfo }
  /** Concurrent writes met on this node (S3). `threw`: what the resolver threw, so that the latest was taken. */
  | { readonly type: 'conflict'; readonly key: string; readonly siblings: number; readonly threw: unknown }
  | { readonly type: 'partitionDetected'; readonly partition: Partition }
  | { readonly type: 'partitionHealed'; readonly partition: Partition; readonly report: MergeReport }
  | { readonly type: 'recoveryChanged'; readonly mode: RecoveryMode }
  | { readonly type: 'diff'; readonly id: number; readonly diff: PartitionDiff };

export interface StoreStatus {
  readonly ready: boolean;
  /** Keys that are visible. */
  readonly size: number;
  /** Replicas linked, and those that hold all that this node holds, this one not counted. */
  readonly replicas: { readonly all: number; readonly inSync: number };
  readonly conflicts: number;
  readonly resolverFailures: number;
  /** Writes waiting for acknowledgements. */
  readonly waiting: number;
  readonly recovery: RecoveryMode;
  readonly partitions: readonly Partition[];
}

export interface StoreMachine {
  step(input: StoreInput, now: Instant): StoreEffect[];
  /** Monotonic time, in milliseconds, by which `step` must be called again. */
  nextDeadline(): number;
  /** The value that is visible now. `readWall` is called only for a value that expires. */
  value(key: string, readWall: () => number): StoredValue | undefined;
  /** What is held for a key. Check `expiresAt`. */
  lookup(key: string): EntryView | undefined;
  /** Keys that are visible. */
  readonly size: number;
  /** All that is visible, in no order; an entry that expires while this is read may still be among it. */
  entries(): IterableIterator<readonly [key: string, entry: EntryView]>;
  status(): StoreStatus;
  /** Throws when an invariant of the store does not hold. Reads the whole store; for tests. */
  check(): void;
}
