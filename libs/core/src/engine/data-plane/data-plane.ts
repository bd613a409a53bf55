/**
 * The data plane: the replica of this node, on the main thread where its readers are, and the links over which it is
 * replicated (S1 to S9). The control plane says who is there; a member that is up is dialled at its data port.
 * A peer that does not take what it is sent gets nothing more until it has, and is repaired then: neither the others nor the
 * memory of this node wait for it.
 */
import {
  ClusterError,
  createReplica,
  type AckLevel,
  type Choice,
  type Incarnation,
  type NodeEvent,
  type NodeInfo,
  type PartitionDiff,
  type RecoveryMode,
  type StoreMachine,
  type StoreStatus,
} from '@nest-cluster/protocol';
import { monotonicMs, wallMs } from '../../ports/clock.js';
import type { HeldValue, StoreCounters, StoreListener, StoreProvider } from '../../ports/store-provider.js';
import { NODE_SURROUNDINGS } from '../../ports/surroundings.js';
import type { RejectReason, Transport } from '../../ports/transport.js';
import { checkKey, StoreValue } from '../../wire/index.js';
import { drawRandom } from '../identity.js';
import { Rejections } from '../rejections.js';
import { bindTransport } from './bind-transport.js';
import type { DataPlaneConfig } from './config.js';
import { changeOf, held } from './held.js';
import { PendingWrites } from './pending-writes.js';
import { ReplicaHost, type ReplicaNews } from './replica-host.js';
import { machineResolver } from './resolving.js';

export function createDataPlane(config: DataPlaneConfig): DataPlane {
  return new DataPlane(config);
}

export class DataPlane implements StoreProvider {
  readonly name = 'replica';
  private readonly pending = new PendingWrites();
  private readonly rejections = new Rejections();
  /** Dry runs that are over, until whoever asked looks. */
  private readonly diffs = new Map<number, PartitionDiff>();
  private readonly voters: ReadonlySet<string> | undefined;
  private transport: Transport | undefined;
  private machine: StoreMachine | undefined;
  private host: ReplicaHost | undefined;
  private listener: StoreListener | undefined;
  private ready = false;
  /** This node lacks what others knew some seconds ago (M7). */
  isLagging = false;
  private writes = 0;
  /** What all nodes agreed on, for the next life of this one. */
  private recovery: RecoveryMode;

  constructor(private readonly config: DataPlaneConfig) {
    this.recovery = config.options.recovery;
    this.voters = config.voters && new Set(config.voters);
  }

  get isReady(): boolean {
    return this.ready;
  }

  get size(): number {
    return this.machine?.size ?? 0;
  }

  /** Binds, and resolves with the port that peers are told. */
  async listen(): Promise<number> {
    const { transport, port } = await bindTransport(this.config);
    this.transport = transport;
    return port;
  }

  /** A life of this node begins, with nothing in store (T1). One that was there before is over. */
  start(self: NodeInfo, listener: StoreListener): void {
    this.stop('this node began anew');
    const { transport, voters } = this;
    if (transport === undefined)
      throw new ClusterError('CLUSTER_NOT_STARTED', 'the data plane does not listen yet');
    this.listener = listener;
    const { options, resolve } = this.config;
    const machine = createReplica({
      self,
      ...(this.config.voters && { voters: this.config.voters }),
      isCounted: this.config.isCounted,
      options: { ...options, recovery: this.recovery },
      random: drawRandom(),
      ...(resolve && { resolver: machineResolver(resolve, options.valueBytesMax) }),
    });
    this.machine = machine;
    this.host = new ReplicaHost(
      { self, machine, transport, options, voters, around: NODE_SURROUNDINGS },
      {
        carryOut: (effect) => this.carryOut(effect),
        rejected: (reason, detail) => this.reject(reason, detail),
        unreachable: (node, address, failure) => this.listener?.unreachable(node, address, failure),
        failed: (error) => this.failed(error),
      },
    );
    this.host.start();
  }

  /** What the control plane saw, in order. */
  event(event: NodeEvent): void {
    this.host?.event(event);
  }

  /** How many nodes are a quorum, and who is there. */
  counted(needed: number, present: readonly NodeInfo[]): void {
    this.host?.counted(needed, present);
  }

  /** Who leads and with which token; undefined when nobody is known to (P4). */
  leads(leader: Incarnation | undefined, token: number): void {
    this.host?.leads(leader, token);
  }

  /** This node was told to be up, and not to be down since. */
  knows(incarnation: Incarnation): boolean {
    return this.host?.knows(incarnation) ?? false;
  }

  /** Discovery has had its say: who is not there by now, is not there (S7). */
  settled(): void {
    this.host?.settled();
  }

  /** Ends this life; the port stays bound for the next. */
  stop(why: string): void {
    const peers = this.host?.end() ?? [];
    this.host = undefined;
    this.machine = undefined;
    for (const node of peers) this.listener?.disconnected(node);
    if (this.ready) this.listener?.ready('stopped');
    this.ready = false;
    this.isLagging = false;
    this.pending.failAll(new ClusterError('CLUSTER_STOPPED', `${why}; the write may still spread`));
  }

  async close(): Promise<void> {
    // Whoever closes knows that the store is gone.
    this.listener = undefined;
    this.stop('the store is closed');
    await this.transport?.close();
  }

  read(key: string): HeldValue | undefined {
    const value = this.machine?.value(key, wallMs);
    return value === undefined ? undefined : held(value);
  }

  *entries(): IterableIterator<readonly [string, HeldValue]> {
    for (const [key, { value, expiresAt }] of this.machine?.entries() ?? []) {
      if (expiresAt !== 0 && expiresAt <= wallMs()) continue;
      yield [key, held(value)];
    }
  }

  write(key: string, value: unknown, ttlMs: number, ack: AckLevel): Promise<void> {
    checkKey(key, this.config.options.keyBytesMax);
    const kept = StoreValue.of(value, this.config.options.valueBytesMax);
    const host = this.running();
    this.writes++;
    const done = this.pending.begin();
    host.feed({ type: 'write', id: this.pending.lastId, key, value: kept, ttlMs, ack });
    return done;
  }

  async delete(key: string, ack: AckLevel): Promise<boolean> {
    checkKey(key, this.config.options.keyBytesMax);
    const host = this.running();
    const wasThere = this.read(key) !== undefined;
    this.writes++;
    const done = this.pending.begin();
    host.feed({ type: 'delete', id: this.pending.lastId, key, ack });
    await done;
    return wasThere;
  }

  async clear(ack: AckLevel): Promise<void> {
    const host = this.running();
    this.writes++;
    const done = this.pending.begin();
    host.feed({ type: 'clear', id: this.pending.lastId, ack });
    await done;
  }

  status(): StoreStatus {
    return this.machine?.status() ?? { ...NO_STORE, recovery: this.recovery };
  }

  counters(): StoreCounters {
    return {
      transport: this.transport?.counters() ?? { bytesIn: 0, bytesOut: 0, links: [] },
      rejected: this.rejections.totals(),
      writes: this.writes,
      replicationSeconds: this.pending.takeSamples(),
    };
  }

  recover(mode: RecoveryMode): void {
    this.running().feed({ type: 'recovery', mode });
  }

  async diff(partition: string): Promise<PartitionDiff> {
    const host = this.running();
    const done = this.pending.begin();
    const { lastId: id } = this.pending;
    host.feed({ type: 'diff', id, partition });
    await done;
    const diff = this.diffs.get(id);
    this.diffs.delete(id);
    if (diff === undefined)
      throw new ClusterError('CLUSTER_INVARIANT_BROKEN', 'a dry run ended without a result');
    return diff;
  }

  async resolve(partition: string, choice: Choice): Promise<void> {
    const host = this.running();
    const done = this.pending.begin();
    host.feed({ type: 'resolve', id: this.pending.lastId, partition, choice });
    await done;
  }

  private running(): ReplicaHost {
    if (this.host === undefined)
      throw new ClusterError(
        'CLUSTER_STORE_NOT_READY',
        'the store is not running: this node is not in the cluster',
      );
    return this.host;
  }

  private carryOut(effect: ReplicaNews): void {
    const { listener } = this;
    switch (effect.type) {
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
        this.ready = true;
        return listener?.ready(effect.isComplete ? 'complete' : 'incomplete');
      case 'replaced':
        return listener?.replaced();
      case 'lagging':
        this.isLagging = effect.isLagging;
        return listener?.lagging(effect.isLagging);
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

  private reject(reason: RejectReason, detail: string): void {
    this.rejections.add(reason, detail);
    for (const told of this.rejections.take(monotonicMs()))
      this.listener?.rejected(told.reason, told.detail, told.count);
  }

  private failed(error: Error): void {
    this.stop('the store failed');
    this.listener?.failed(error);
  }
}

const NO_STORE: Omit<StoreStatus, 'recovery'> = {
  ready: false,
  size: 0,
  replicas: { all: 0, inSync: 0 },
  conflicts: 0,
  resolverFailures: 0,
  waiting: 0,
  partitions: [],
};
