/**
 * The replicated store as an application uses it: reads are local, writes resolve when as many nodes hold them as was asked
 * for (S1). Values are copied on their way in and out (S9). A node that joins has no store until it has copied it: reads
 * reject until then, or wait as the caller asks (S7).
 */
import { Inject, Injectable } from '@nestjs/common';
import { ClusterError, type AckLevel, type PartitionDiff, type RecoveryMode } from '@nest-cluster/protocol';
import type { HeldValue, StoreCounters, StoreProvider } from '../ports/store-provider.js';
import { keyMatcher } from './key-pattern.js';
import { choiceOf, viewOf, type PartitionChoice, type PartitionView } from './partition-view.js';
import { checked, checkedMode, checkedTtl } from './store-input.js';
import { StoreSubscriptions, type StoreListener } from './store-subscriptions.js';
import { StoreWait } from './store-wait.js';

export interface StoreReadOptions {
  /** When the store is not ready: how long to wait for it in milliseconds, or for as long as it takes. Default: reject at once. */
  readonly wait?: number | boolean;
}

export interface StoreWriteOptions {
  /** How many nodes must hold the write before it resolves: this one, a quorum, or all that are up. Default `quorum`. */
  readonly ack?: AckLevel;
}

export interface StoreSetOptions extends StoreWriteOptions {
  /** After how many milliseconds the entry is gone (S5). Default: never. */
  readonly ttl?: number;
}

export interface ClusterStoreStatus {
  readonly ready: boolean;
  readonly size: number;
  /** Other replicas that are linked, and those of them that hold all that this one holds. */
  readonly replicas: { readonly all: number; readonly inSync: number };
  /** Conflicts resolved since start, and those where the resolver threw. */
  readonly conflicts: number;
  readonly resolverFailures: number;
  readonly subscriptions: number;
  readonly recovery: RecoveryMode;
}

/**
 * The replicated store of the cluster, in memory: inject it anywhere. Reads are local and cost no message; a write resolves
 * when as many nodes hold it as `ack` says, by default a quorum, within `store.writeTimeoutMs` (5,000 ms). Values are copied
 * on their way in and out. A node that has just joined copies the store first: until then reads reject or throw
 * `CLUSTER_STORE_NOT_READY`, and `whenReady()` waits. Nothing survives the end of all nodes.
 */
@Injectable()
export class ClusterStore {
  private provider: StoreProvider | undefined;
  private readonly wait = new StoreWait();

  constructor(@Inject(StoreSubscriptions) private readonly subscriptions: StoreSubscriptions) {}

  /** This node has the store (S7). */
  get ready(): boolean {
    return this.provider?.isReady ?? false;
  }

  /**
   * Resolves once this node has the store. Rejects with `CLUSTER_STORE_NOT_READY` when it takes longer than `timeoutMs`, and
   * with `CLUSTER_STOPPED` when the application is closed meanwhile.
   */
  async whenReady(timeoutMs?: number): Promise<void> {
    if (this.ready) return;
    await this.wait.wait(timeoutMs, () => notReady(`after ${timeoutMs} ms`));
  }

  /**
   * A copy of the value, which is the caller's own; undefined when there is none. Rejects with `CLUSTER_STORE_NOT_READY` before
   * this node has the store, unless `{ wait }` says how long to wait, in milliseconds.
   */
  get<Value = unknown>(key: string, options?: StoreReadOptions): Promise<Value | undefined> {
    const { provider } = this;
    if (provider === undefined || !provider.isReady) return this.getLater(key, options?.wait ?? false);
    // What was stored under a key is known to whoever reads it.
    return Promise.resolve(provider.read(key)?.copy() as Value | undefined);
  }

  /** The value at once, deeply frozen; a copy when it holds bytes, `Map`, `Set` or `Date`. Throws before the store is ready. */
  peek<Value = unknown>(key: string): Value | undefined {
    const { provider } = this;
    if (provider === undefined || !provider.isReady) throw notReady();
    return provider.read(key)?.peek() as Value | undefined;
  }

  /** Whether there is such a key. Throws `CLUSTER_STORE_NOT_READY` before the store is ready, as do all reads that answer at once. */
  has(key: string): boolean {
    return this.readable().read(key) !== undefined;
  }

  /**
   * Keeps a copy of the value under the key. Rejects with `CLUSTER_KEY_INVALID`, `CLUSTER_VALUE_INVALID` or
   * `CLUSTER_VALUE_TOO_LARGE`, and nothing was written; with `CLUSTER_QUORUM_UNAVAILABLE` when too few nodes confirmed it in
   * time, and it may still spread.
   */
  set(key: string, value: unknown, options?: StoreSetOptions): Promise<void> {
    // No `async`: what it costs shows in a store that is written to all the time.
    try {
      const { ttl, ack = 'quorum' } = options ?? {};
      return this.running().write(key, value, checkedTtl(ttl), checked(ack));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Resolves with whether there was such a key. Rejects with `CLUSTER_QUORUM_UNAVAILABLE` when too few nodes confirmed it in
   * time, and it may still spread.
   */
  async delete(key: string, { ack = 'quorum' }: StoreWriteOptions = {}): Promise<boolean> {
    return this.running().delete(key, checked(ack));
  }

  /** Deletes every key that is there now. Rejects as `delete` does. */
  async clear({ ack = 'quorum' }: StoreWriteOptions = {}): Promise<void> {
    return this.running().clear(checked(ack));
  }

  /** How many keys there are; 0 before the store is ready. */
  get size(): number {
    return this.ready ? (this.provider?.size ?? 0) : 0;
  }

  /** Keys in no order; those that match the pattern, in which `*` stands for any run of characters. */
  *keys(pattern?: string): IterableIterator<string> {
    const matches = keyMatcher(pattern);
    for (const [key] of this.readable().entries()) if (matches(key)) yield key;
  }

  /** Pairs of key and a copy of the value, in no order. */
  *entries<Value = unknown>(pattern?: string): IterableIterator<[key: string, value: Value]> {
    const matches = keyMatcher(pattern);
    for (const [key, value] of this.readable().entries())
      if (matches(key)) yield [key, valueOf<Value>(value)];
  }

  /** Calls the function with a copy of each value and its key, in no order. */
  forEach<Value = unknown>(act: (value: Value, key: string) => void): void {
    for (const [key, value] of this.readable().entries()) act(valueOf<Value>(value), key);
  }

  /** Combines all entries, in no order, beginning with `initial`. */
  reduce<Value = unknown, Result = unknown>(
    combine: (result: Result, value: Value, key: string) => Result,
    initial: Result,
  ): Result {
    let result = initial;
    for (const [key, value] of this.readable().entries())
      result = combine(result, valueOf<Value>(value), key);
    return result;
  }

  /**
   * Calls the listener for each change of the keys that match, from now on: a key, a prefix (`user:*`) or any pattern in which
   * `*` stands for any run of characters. The same listener twice for one pattern counts once. Returns what ends it.
   */
  subscribe(pattern: string, listener: StoreListener): () => void {
    this.subscriptions.add(pattern, listener);
    return () => void this.subscriptions.remove(pattern, listener);
  }

  /** True when there was such a subscription. Changes that wait for the listener are dropped. */
  unsubscribe(pattern: string, listener: StoreListener): boolean {
    return this.subscriptions.remove(pattern, listener);
  }

  /** What is known of the store on this node now. */
  get status(): ClusterStoreStatus {
    const { provider } = this;
    const subscriptions = this.subscriptions.size;
    if (provider === undefined) return { ...NOTHING, subscriptions };
    const { ready, size, replicas, conflicts, resolverFailures, recovery } = provider.status();
    return { ready, size, replicas, conflicts, resolverFailures, recovery, subscriptions };
  }

  /** Counters read now, for metrics. */
  counters(): StoreCounters {
    return this.running().counters();
  }

  /** How sides find together after a partition (P3, P4), as all nodes have agreed. */
  get recovery(): RecoveryMode {
    return this.status.recovery;
  }

  /** Switches all nodes. `automatic` merges what waits. */
  setRecovery(mode: RecoveryMode): void {
    this.running().recover(checkedMode(mode));
  }

  /** Partitions that this node knows of, those that are over included. */
  partitions(): readonly PartitionView[] {
    return (this.provider?.status().partitions ?? []).map(viewOf);
  }

  /** Dry run: what a merge would do, seen from this node (P4). */
  async diff(partition: string): Promise<PartitionDiff> {
    return this.running().diff(partition);
  }

  /** Ends a partition that waits, on all nodes: everything is merged, or one side, named by one of its nodes, is kept (P4). */
  async resolve(partition: string, choice: PartitionChoice): Promise<void> {
    const provider = this.running();
    const known = provider.status().partitions.find(({ id }) => id === partition);
    return provider.resolve(partition, choiceOf(choice, known));
  }

  /** @internal */
  attach(provider: StoreProvider | undefined): void {
    this.provider = provider;
    if (provider !== undefined) this.wait.started();
    this.noticeReady();
  }

  /** @internal Whoever waits for the store is let go on when it is there. */
  noticeReady(): void {
    if (this.ready) this.wait.ready();
  }

  /** @internal The application closes: nobody waits for the store any more (N6). It is read for as long as it is there. */
  retire(): void {
    this.wait.end();
  }

  private async getLater<Value>(key: string, wait: number | boolean): Promise<Value | undefined> {
    if (wait === false) throw notReady();
    await this.whenReady(wait === true ? undefined : wait);
    return this.get<Value>(key);
  }

  private running(): StoreProvider {
    if (this.provider === undefined)
      throw new ClusterError('CLUSTER_NOT_STARTED', 'the application has not started, or has stopped');
    return this.provider;
  }

  private readable(): StoreProvider {
    if (this.provider === undefined || !this.provider.isReady) throw notReady();
    return this.provider;
  }
}

function valueOf<Value>(held: HeldValue): Value {
  return held.copy() as Value;
}

function notReady(detail = 'yet'): ClusterError {
  return new ClusterError(
    'CLUSTER_STORE_NOT_READY',
    `this node has not copied the store ${detail}; wait for ClusterStore.whenReady(), or read with { wait: true }`,
  );
}

const NOTHING = {
  ready: false,
  size: 0,
  replicas: { all: 0, inSync: 0 },
  conflicts: 0,
  resolverFailures: 0,
  recovery: 'automatic',
} as const;
