/**
 * The data plane: the replica of this node, on the main thread where its readers are, and the links over which it is
 * replicated (S1 to S9). The control plane says who is there; a member that is up is dialled at its data port.
 * A peer that does not take what it is sent gets nothing more until it has, and is repaired then: neither the others nor the
 * memory of this node wait for it.
 */
import {
  ClusterError,
  createReplica,
  hasVote,
  type AckLevel,
  type Choice,
  type Incarnation,
  type NodeEvent,
  type NodeInfo,
  type PartitionDiff,
  type RecoveryMode,
  type StoreEffect,
  type StoredValue,
  type StoreStatus,
} from '@nest-cluster/protocol';
import { wallMs } from '../../ports/clock.js';
import type {
  HeldChange,
  HeldValue,
  StoreCounters,
  StoreListener,
  StoreProvider,
} from '../../ports/store-provider.js';
import { checkKey, StoreValue } from '../../wire/index.js';
import { drawRandom } from '../identity.js';
import type { DataPlaneConfig } from './config.js';
import { PendingWrites } from './pending-writes.js';
import { ReplicaDrive } from './replica-drive.js';
import { ReplicaLinks } from './replica-links.js';
import { machineResolver } from './resolving.js';

export function createDataPlane(config: DataPlaneConfig): DataPlane {
  return new DataPlane(config);
}

export class DataPlane implements StoreProvider {
  readonly name = 'replica';
  private readonly pending = new PendingWrites();
  private readonly links: ReplicaLinks;
  /** Dry runs that are over, until whoever asked looks. */
  private readonly diffs = new Map<number, PartitionDiff>();
  private readonly up = new Set<Incarnation>();
  private readonly voters: ReadonlySet<string> | undefined;
  private drive: ReplicaDrive | undefined;
  private listener: StoreListener | undefined;
  private ready = false;
  private writes = 0;
  private quorum = { needed: 0, up: 0 };
  /** What all nodes agreed on, for the next life of this one. */
  private recovery: RecoveryMode;

  constructor(private readonly config: DataPlaneConfig) {
    this.links = new ReplicaLinks(config, {
      feed: (input) => this.drive?.feed(input),
      rejected: (reason, detail, count) => this.listener?.rejected(reason, detail, count),
    });
    this.recovery = config.options.recovery;
    this.voters = config.voters && new Set(config.voters);
  }

  get isReady(): boolean {
    return this.ready;
  }

  get size(): number {
    return this.drive?.machine.size ?? 0;
  }

  /** Binds, and resolves with the port that peers are told. */
  listen(): Promise<number> {
    return this.links.listen();
  }

  /** A life of this node begins, with nothing in store (T1). One that was there before is over. */
  start(self: NodeInfo, listener: StoreListener): void {
    this.stop('this node began anew');
    this.listener = listener;
    const { options, resolve, voters } = this.config;
    const machine = createReplica({
      self,
      ...(voters && { voters }),
      options: { ...options, recovery: this.recovery },
      random: drawRandom(),
      ...(resolve && { resolver: machineResolver(resolve, options.valueBytesMax) }),
    });
    this.drive = new ReplicaDrive(machine, {
      carryOut: (effect) => this.carryOut(effect),
      failed: (error) => this.failed(error),
    });
    this.quorum = { needed: 0, up: 0 };
    this.up.clear();
    this.links.start(self);
    this.drive.feed({ type: 'start' });
  }

  /** What the control plane saw, in order. */
  event(event: NodeEvent): void {
    if (event.type === 'nodeUp') {
      this.up.add(event.node.incarnation);
      this.drive?.feed({ type: 'peerUp', node: event.node });
      this.links.want(event.node);
    } else if (event.type === 'nodeDown') {
      this.up.delete(event.node.incarnation);
      this.drive?.feed({ type: 'peerDown', node: event.node, left: event.reason === 'left' });
      this.links.part(event.node.incarnation);
    }
  }

  /** How many nodes are a quorum, and who is there. */
  counted(needed: number, present: readonly NodeInfo[]): void {
    const up = present.filter((node) => hasVote(this.voters, node)).length;
    if (needed === this.quorum.needed && up === this.quorum.up) return;
    this.quorum = { needed, up };
    this.drive?.feed({ type: 'quorum', needed, up });
  }

  /** This node was told to be up, and not to be down since. */
  knows(incarnation: Incarnation): boolean {
    return this.up.has(incarnation);
  }

  /** Discovery has had its say: who is not there by now, is not there (S7). */
  settled(): void {
    this.drive?.feed({ type: 'settled' });
  }

  /** Ends this life; the port stays bound for the next. */
  stop(why: string): void {
    this.drive?.end();
    this.drive = undefined;
    for (const node of this.links.partAll()) this.listener?.disconnected(node);
    if (this.ready) this.listener?.ready((this.ready = false));
    this.pending.failAll(new ClusterError('CLUSTER_STOPPED', `${why}; the write may still spread`));
  }

  async close(): Promise<void> {
    // Whoever closes knows that the store is gone.
    this.listener = undefined;
    this.stop('the store is closed');
    await this.links.close();
  }

  read(key: string): HeldValue | undefined {
    const entry = this.drive?.machine.lookup(key);
    if (entry === undefined || entry.value === undefined) return undefined;
    if (entry.expiresAt !== 0 && entry.expiresAt <= wallMs()) return undefined;
    return held(entry.value);
  }

  *entries(): IterableIterator<readonly [string, HeldValue]> {
    for (const [key, { value, expiresAt }] of this.drive?.machine.entries() ?? []) {
      if (value === undefined || (expiresAt !== 0 && expiresAt <= wallMs())) continue;
      yield [key, held(value)];
    }
  }

  write(key: string, value: unknown, ttlMs: number, ack: AckLevel): Promise<void> {
    checkKey(key, this.config.options.keyBytesMax);
    const kept = StoreValue.of(value, this.config.options.valueBytesMax);
    const drive = this.running();
    this.writes++;
    const done = this.pending.begin();
    drive.feed({ type: 'write', id: this.pending.lastId, key, value: kept, ttlMs, ack });
    return done;
  }

  async delete(key: string, ack: AckLevel): Promise<boolean> {
    checkKey(key, this.config.options.keyBytesMax);
    const drive = this.running();
    const wasThere = this.read(key) !== undefined;
    this.writes++;
    const done = this.pending.begin();
    drive.feed({ type: 'delete', id: this.pending.lastId, key, ack });
    await done;
    return wasThere;
  }

  async clear(ack: AckLevel): Promise<void> {
    const drive = this.running();
    this.writes++;
    const done = this.pending.begin();
    drive.feed({ type: 'clear', id: this.pending.lastId, ack });
    await done;
  }

  status(): StoreStatus {
    return this.drive?.machine.status() ?? { ...NO_STORE, recovery: this.recovery };
  }

  counters(): StoreCounters {
    return {
      transport: this.links.counters(),
      rejected: this.links.rejected(),
      writes: this.writes,
      replicationSeconds: this.pending.takeSamples(),
    };
  }

  recover(mode: RecoveryMode): void {
    this.running().feed({ type: 'recovery', mode });
  }

  async diff(partition: string): Promise<PartitionDiff> {
    const drive = this.running();
    const done = this.pending.begin();
    const { lastId: id } = this.pending;
    drive.feed({ type: 'diff', id, partition });
    await done;
    const diff = this.diffs.get(id);
    this.diffs.delete(id);
    if (diff === undefined)
      throw new ClusterError('CLUSTER_INVARIANT_BROKEN', 'a dry run ended without a result');
    return diff;
  }

  async resolve(partition: string, choice: Choice): Promise<void> {
    const drive = this.running();
    const done = this.pending.begin();
    drive.feed({ type: 'resolve', id: this.pending.lastId, partition, choice });
    await done;
  }

  private running(): ReplicaDrive {
    if (this.drive === undefined)
      throw new ClusterError(
        'CLUSTER_STORE_NOT_READY',
        'the store is not running: this node is not in the cluster',
      );
    return this.drive;
  }

  private carryOut(effect: StoreEffect): void {
    const { listener } = this;
    switch (effect.type) {
      case 'send':
        return this.links.send(effect.to, effect.message);
      case 'acked':
        return this.pending.done(effect.id);
      case 'failed':
        return this.pending.failed(effect.id, new ClusterError(effect.code, effect.reason));
      case 'diff':
        this.diffs.set(effect.id, effect.diff);
        return this.pending.done(effect.id);
      case 'change':
        return listener?.changed(changeOf(effect.change));
      case 'ready':
        this.ready = effect.ready;
        return listener?.ready(effect.ready);
      case 'connected':
        return listener?.connected(effect.node);
      case 'disconnected':
        return listener?.disconnected(effect.node);
      case 'conflict':
        return listener?.conflict(effect.key, effect.siblings, effect.threw);
      case 'partitionDetected':
        return listener?.partitionDetected(effect.partition);
      case 'partitionHealed':
        return listener?.partitionHealed(effect.partition, effect.report);
      case 'recoveryChanged':
        this.recovery = effect.mode;
        return listener?.recoveryChanged(effect.mode);
    }
  }

  private failed(error: Error): void {
    this.stop('the store failed');
    this.listener?.failed(error);
  }
}

type StoreChange = Extract<StoreEffect, { readonly type: 'change' }>['change'];

function changeOf(change: StoreChange): HeldChange {
  const { key, local } = change;
  const node = change.node.name;
  if (change.type === 'written') return { type: 'written', key, value: held(change.value), node, local };
  return { type: 'deleted', key, node, local, expired: change.expired };
}

function held(value: StoredValue): HeldValue {
  if (value instanceof StoreValue) return value;
  throw new ClusterError('CLUSTER_INVARIANT_BROKEN', 'the replica holds a value that was never put in');
}

const NO_STORE: Omit<StoreStatus, 'recovery'> = {
  ready: false,
  size: 0,
  deletes: 0,
  replicas: { all: 0, inSync: 0 },
  conflicts: 0,
  resolverFailures: 0,
  waiting: 0,
  partitions: [],
};
