/**
 * Tells what the store saw: changes to whoever listens, everything else as an event and one line in the log.
 */
import { Logger } from '@nestjs/common';
import type { Address, MergeReport, NodeInfo, Partition, RecoveryMode } from '@nest-cluster/protocol';
import { monotonicMs, wallMs } from '../ports/clock.js';
import type { HeldChange, StoreListener, StoreProvider, StoreReadiness } from '../ports/store-provider.js';
import type { DialFailure, RejectReason } from '../ports/transport.js';
import { HOW_IT_FAILED } from './solitude.js';
import { PartitionDetectedEvent, PartitionHealedEvent } from './cluster-event.js';
import type { ClusterEvents } from './cluster-events.js';
import type { ClusterStore } from './cluster-store.js';
import {
  StoreConnectedEvent,
  StoreDeletedEvent,
  StoreDisconnectedEvent,
  StoreReadyEvent,
  StoreWrittenEvent,
} from './store-event.js';
import type { StoreSubscriptions } from './store-subscriptions.js';
import { messageOf } from './within.js';

/** A resolver that goes on throwing is logged again after this long, in milliseconds. */
const REPEAT_MS = 60_000;

export interface StoreReporterContext {
  readonly events: ClusterEvents;
  readonly subscriptions: StoreSubscriptions;
  readonly store: ClusterStore;
  readonly provider: StoreProvider;
  /** Something changed that the state of the cluster depends on (M7). */
  readonly stateMayHaveChanged: () => void;
  readonly rejected: (reason: RejectReason, detail: string, count: number) => void;
}

export class StoreReporter implements StoreListener {
  private readonly logger = new Logger('ClusterStore');
  private threwAt = -Infinity;
  private readonly connectedTo = new Set<string>();

  constructor(private readonly context: StoreReporterContext) {}

  /** Replication runs with this node. */
  isConnected(incarnation: string): boolean {
    return this.connectedTo.has(incarnation);
  }

  changed(change: HeldChange): void {
    const { events, subscriptions } = this.context;
    const isHeard = events.hears(change.type === 'written' ? 'storeWritten' : 'storeDeleted');
    if (!isHeard && subscriptions.size === 0) return;
    const { key, node } = change;
    let event: StoreWrittenEvent | StoreDeletedEvent | undefined;
    const make = () => {
      event ??=
        change.type === 'written'
          ? new StoreWrittenEvent(key, change.value, node, wallMs())
          : new StoreDeletedEvent(key, change.expired ? 'expired' : 'deleted', node, wallMs());
      return event;
    };
    subscriptions.tell(key, make);
    if (isHeard) events.emit(make());
  }

  ready(readiness: StoreReadiness): void {
    const { store, provider, events } = this.context;
    if (readiness !== 'stopped') {
      const isComplete = readiness === 'complete';
      if (isComplete) this.logger.log(`the store is ready: ${count(provider.size, 'key')}`);
      else
        this.logger.warn(
          `the store is ready with ${count(provider.size, 'key')} and may be incomplete: the node that it was copied from ` +
            'is gone, and nobody in reach has the rest',
        );
      store.noticeReady();
      events.emit(new StoreReadyEvent(provider.size, wallMs(), isComplete));
    }
    this.context.stateMayHaveChanged();
  }

  replaced(): void {
    this.logger.log('the store of this node was replaced by that of the side that was kept');
  }

  lagging(isLagging: boolean): void {
    if (isLagging)
      this.logger.warn(
        'the store is behind the others by more than 5 s; the cluster is not green until it has caught up',
      );
    else this.logger.log('the store has caught up with the others');
    this.context.stateMayHaveChanged();
  }

  connected(node: NodeInfo): void {
    this.connectedTo.add(node.incarnation);
    this.context.events.emit(new StoreConnectedEvent(node, wallMs()));
    this.context.stateMayHaveChanged();
  }

  disconnected(node: NodeInfo): void {
    if (!this.connectedTo.delete(node.incarnation)) return;
    this.context.events.emit(new StoreDisconnectedEvent(node, wallMs()));
    this.context.stateMayHaveChanged();
  }

  /** What the resolver decided is silent; that it could not is not. */
  conflict(key: string, siblings: number, threw: unknown): void {
    if (threw === undefined || monotonicMs() - this.threwAt < REPEAT_MS) return;
    this.threwAt = monotonicMs();
    this.logger.error(
      `the resolver threw on ${key}, ${siblings} concurrent writes: ${messageOf(threw)}; the latest was taken. ` +
        'It is not logged again for a minute; ClusterStore.status.resolverFailures counts',
      threw instanceof Error ? threw.stack : undefined,
    );
  }

  partitionDetected({ id, sides, state }: Partition): void {
    const isWaiting = state === 'waiting';
    const names = namesOf(sides);
    this.logger.warn(
      `the cluster was apart: ${shown(names)}` +
        (isWaiting
          ? `; partition ${id} waits for a choice: merge, or keep one side`
          : '; the stores are merged'),
    );
    this.context.events.emit(new PartitionDetectedEvent(id, names, isWaiting, wallMs()));
    this.context.stateMayHaveChanged();
  }

  partitionHealed({ id, sides }: Partition, report: MergeReport): void {
    const { merged, conflicts, deletes, dropped } = report;
    const names = namesOf(sides);
    this.logger.log(
      `partition ${id} is over: ${shown(names)}; ${count(merged, 'key')} taken, ${count(conflicts, 'conflict')} ` +
        `resolved, ${count(deletes, 'delete')}${dropped > 0 ? `, ${count(dropped, 'change')} dropped` : ''}`,
    );
    this.context.events.emit(new PartitionHealedEvent(id, names, report, wallMs()));
    this.context.stateMayHaveChanged();
  }

  recoveryChanged(mode: RecoveryMode): void {
    this.logger.log(
      mode === 'automatic'
        ? 'recovery is automatic: sides merge by themselves'
        : 'recovery is manual: after a partition sides stay apart until somebody chooses',
    );
  }

  unreachable(node: NodeInfo, address: Address, failure: DialFailure): void {
    this.logger.warn(
      `the store cannot reach ${node.name} at ${address}: ${HOW_IT_FAILED[failure]}. Open that port between the nodes, set ` +
        'CLUSTER_DATA_PORT to one that is open, or CLUSTER_ADVERTISE_DATA to the one that others see',
    );
  }

  rejected(reason: RejectReason, detail: string, count: number): void {
    this.context.rejected(reason, detail, count);
  }

  failed(error: Error): void {
    this.logger.error(`the store of this node stopped, restart the process: ${error.message}`, error.stack);
    this.context.stateMayHaveChanged();
  }
}

function namesOf(sides: Partition['sides']): string[][] {
  return sides.map(({ nodes }) => nodes.map(({ name }) => name));
}

function shown(sides: readonly (readonly string[])[]): string {
  return sides
    .map((names) =>
      names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', '),
    )
    .join(' | ');
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
