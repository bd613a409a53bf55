/**
 * What the store tells its listeners (S6): per key in causal order, each change once.
 */
import type { NodeInfo } from '@nest-cluster/protocol';
import type { HeldValue } from '../ports/store-provider.js';

/** An entry was written, here or elsewhere. */
export class StoreWrittenEvent<Value = unknown> {
  readonly type = 'storeWritten';
  readonly #held: HeldValue;

  constructor(
    readonly key: string,
    held: HeldValue,
    /** Name of the node that wrote it. */
    readonly node: string,
    readonly at: number,
  ) {
    this.#held = held;
  }

  /** Deeply frozen; a new copy at each look when it holds bytes, `Map`, `Set` or `Date`. Decoded when it is asked for. */
  get value(): Value {
    // What was written under a key is known to whoever listens for it.
    return this.#held.peek() as Value;
  }

  toJSON(): object {
    const { type, key, value, node, at } = this;
    return { type, key, value, node, at };
  }
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

/** The subscription was too slow, and has missed so many changes; what it holds on to should be read anew. */
export class StoreMissedEvent {
  readonly type = 'storeMissed';
  constructor(
    readonly missed: number,
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
    /** False when the node began with half a copy, because nobody had the rest (S7). */
    readonly isComplete: boolean,
  ) {}
}

export interface StoreEventMap {
  readonly storeWritten: StoreWrittenEvent;
  readonly storeDeleted: StoreDeletedEvent;
  readonly storeConnected: StoreConnectedEvent;
  readonly storeDisconnected: StoreDisconnectedEvent;
  readonly storeReady: StoreReadyEvent;
}
