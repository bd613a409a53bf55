/**
 * The replicated store as the application's main thread sees it. The embedded replica implements this, and so may an engine
 * that keeps its entries elsewhere.
 *
 * Guarantees: reads are local and show every write of this node at once (S1). What a write resolves with, and what is told of
 * changes, is promised in S1 to S6; nothing that a caller does to a value changes what is stored (S9).
 */
import type {
  AckLevel,
  Address,
  Choice,
  MergeReport,
  NodeInfo,
  Partition,
  PartitionDiff,
  RecoveryMode,
  StoreStatus,
} from '@nest-cluster/protocol';
import type { DialFailure, RejectReason, TransportCounters } from './transport.js';

export interface StoreProvider {
  /** Short, for logs and status. */
  readonly name: string;
  /** The store is complete here, so that it may be read and written (S7). */
  readonly isReady: boolean;
  /** This node lacks what others knew some seconds ago (M7). */
  readonly isLagging: boolean;
  /** Keys that can be read. */
  readonly size: number;
  /** Undefined for a key that is not there. */
  read(key: string): HeldValue | undefined;
  /** All that is visible, in no order. */
  entries(): IterableIterator<readonly [key: string, value: HeldValue]>;
  /** Resolves when as many nodes hold it as `ack` asks for (S1). Throws at once for a key or a value that cannot be kept. */
  write(key: string, value: unknown, ttlMs: number, ack: AckLevel): Promise<void>;
  /** Resolves with whether there was anything to delete. */
  delete(key: string, ack: AckLevel): Promise<boolean>;
  clear(ack: AckLevel): Promise<void>;
  status(): StoreStatus;
  counters(): StoreCounters;
  /** Switches all nodes (P4). */
  recover(mode: RecoveryMode): void;
  /** What a merge would do (P4). Rejects with `CLUSTER_PARTITION_UNKNOWN`. */
  diff(partition: string): Promise<PartitionDiff>;
  /** Ends a partition that waits, on all nodes (P4). Rejects with `CLUSTER_PARTITION_UNKNOWN`, `CLUSTER_PARTITION_DECIDED`, `CLUSTER_QUORUM_UNAVAILABLE`. */
  resolve(partition: string, choice: Choice): Promise<void>;
}

/** A value that is held; it is decoded when it is asked for. */
export interface HeldValue {
  readonly byteLength: number;
  /** A copy of the caller's own. */
  copy(): unknown;
  /** Deeply frozen, the same for everybody; a copy when it holds bytes, `Map`, `Set` or `Date`. */
  peek(): unknown;
}

/** One change of what can be read, per key in causal order and each once (S6). */
export type HeldChange =
  | {
      readonly type: 'written';
      readonly key: string;
      readonly value: HeldValue;
      /** Name of the node that wrote it. */
      readonly node: string;
      readonly local: boolean;
    }
  | {
      readonly type: 'deleted';
      readonly key: string;
      readonly node: string;
      readonly local: boolean;
      /** Its time ran out (S5). */
      readonly expired: boolean;
    };

/** `incomplete`: the node began with half a copy, because nobody had the rest (S7). `stopped`: the store is not ready any more. */
export type StoreReadiness = 'complete' | 'incomplete' | 'stopped';

/** What is told of the store, in the order in which it happened. */
export interface StoreListener {
  changed(change: HeldChange): void;
  ready(readiness: StoreReadiness): void;
  /** The store was replaced by a copy of the side of a partition that was kept (P4). */
  replaced(): void;
  /** This node lacks what others knew some seconds ago, or has caught up. */
  lagging(isLagging: boolean): void;
  connected(node: NodeInfo): void;
  disconnected(node: NodeInfo): void;
  /** Concurrent writes met. `threw`: what the resolver threw, so that the latest was taken. */
  conflict(key: string, siblings: number, threw: unknown): void;
  partitionDetected(partition: Partition): void;
  partitionHealed(partition: Partition, report: MergeReport): void;
  recoveryChanged(mode: RecoveryMode): void;
  /** Bytes or peers were turned away. */
  rejected(reason: RejectReason, detail: string, count: number): void;
  /** A node that is up has no link with the store of this one, because its data port cannot be dialled. */
  unreachable(node: NodeInfo, address: Address, failure: DialFailure): void;
  /** The replica broke a promise and is stopped. */
  failed(error: Error): void;
}

/** One of several concurrent writes, as a resolver sees it. */
export interface ConflictingWrite {
  /** Deeply frozen, or a copy when it holds bytes, `Map`, `Set` or `Date`. */
  readonly value: unknown;
  /** Name of the node that wrote it. */
  readonly node: string;
  /** Wall clock of the write in milliseconds, never earlier than that of a write it has seen. */
  readonly at: number;
}

/** Makes one value of concurrent ones: pure, and the same on all nodes (S3). Latest first. */
export type ResolveConflict = (key: string, writes: readonly ConflictingWrite[]) => unknown;

export interface StoreCounters {
  readonly transport: TransportCounters;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  /** Writes and deletes of this node. */
  readonly writes: number;
  /** How long writes waited for the acknowledgements that they asked for, since the last reading, in seconds; at most 1,024. */
  readonly replicationSeconds: readonly number[];
}
