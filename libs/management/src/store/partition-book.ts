/**
 * Partitions that this node knows of, each with what became of it (P3): the report comes with the event that it is over, and
 * is kept for as long as the partition is listed.
 */
import { Inject, Injectable } from '@nestjs/common';
import { ClusterEvents, ClusterStore, type PartitionView } from '@nest-cluster/core';

/** How many keys the end of a partition changed on this node. */
export interface PartitionReport {
  readonly merged: number;
  readonly conflicts: number;
  readonly deletes: number;
  readonly dropped: number;
}

export interface PartitionAnswer extends PartitionView {
  /** Null while it is not over. */
  readonly report: PartitionReport | null;
}

@Injectable()
export class PartitionBook {
  private readonly reports = new Map<string, PartitionReport>();

  constructor(
    @Inject(ClusterStore) private readonly store: ClusterStore,
    @Inject(ClusterEvents) events: ClusterEvents,
  ) {
    events.subscribe(
      'partitionHealed',
      ({ partition, merged, conflicts, deletes, dropped }) =>
        this.note(partition, { merged, conflicts, deletes, dropped }),
      'the management partitions',
    );
  }

  list(): readonly PartitionAnswer[] {
    return this.store.partitions().map((partition) => this.withReport(partition));
  }

  withReport(partition: PartitionView): PartitionAnswer {
    const isOver = partition.state === 'healed';
    return { ...partition, report: isOver ? (this.reports.get(partition.id) ?? null) : null };
  }

  private note(partition: string, report: PartitionReport): void {
    const listed = new Set(this.store.partitions().map(({ id }) => id));
    for (const id of this.reports.keys()) if (!listed.has(id)) this.reports.delete(id);
    this.reports.set(partition, report);
  }
}
