/**
 * What the store tells its listeners (S6): per key in causal order, each change once.
 */
import type { NodeInfo } from '@nest-cluster/protocol';

/** An entry was written, here or elsewhere. */
export class StoreWrittenEvent<Value = unknown> {
  readonly type = 'storeWritten';
  constructor(
    readonly key: string,
    readonly value: Value,
    /** Name of the node that wrote it. */
    readonly node: string,
    readonly at: number,
  ) {}
}

/** An entry is gone: deleted by a node, or past its time (S5). */
export class StoreDeletedEvent {
  readonly type = 'storeDeleted';
  constructor(
    readonly key: string,
    readonly reason: 'deleted' | 'expired',
    /** Name of the node that deleted it; the one that wrote it when it expired. */
    readonly node: string,
    readonly at: number,
  ) {}
}

/** Replication with this node runs. */
export class StoreConnectedEvent {
  readonly type = 'storeConnected';
  constructor(
    readonly node: NodeInfo,
    readonly at: number,
  ) {}
}

/** Replication with this node has stopped. */
export class StoreDisconnectedEvent {
  readonly type = 'storeDisconnected';
  constructor(
    readonly node: NodeInfo,
    readonly at: number,
  ) {}
}

/** This node has the store, with so many entries (S7). */
export class StoreReadyEvent {
  readonly type = 'storeReady';
  constructor(
    readonly size: number,
    readonly at: number,
  ) {}
}

export interface StoreEventMap {
  readonly storeWritten: StoreWrittenEvent;
  readonly storeDeleted: StoreDeletedEvent;
  readonly storeConnected: StoreConnectedEvent;
  readonly storeDisconnected: StoreDisconnectedEvent;
  readonly storeReady: StoreReadyEvent;
}
