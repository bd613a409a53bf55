/**
 * One partition as this node remembers it, and what it reports of its end (P1, P3).
 */
import type { Incarnation } from '../../node.js';
import type { MergeReport, Partition } from '../machine.js';
import type { Peer } from '../replication/peers.js';
import type { Replica } from '../state/entry.js';
import type { Tally } from '../state/entries.js';

export interface PartitionRecord {
  partition: Partition;
  /** Peers from which this node has not yet fetched what they have. */
  readonly pending: Set<Peer>;
  /** Monotonic time from which the merge counts as over, once nothing is pending. */
  quietAt: number;
  report: MergeReport;
  /** Monotonic time at which the sides met. */
  readonly metAt: number;
}

export const NO_REPORT: MergeReport = {
  merged: 0,
  conflicts: 0,
  deletes: 0,
  dropped: 0,
  conflictKeys: [],
  droppedKeys: [],
};

/** Counts what a merge does into the report; at most `keysMax` keys are listed. */
export function tallyInto(record: PartitionRecord, keysMax: number): Tally {
  return {
    merged: () => (record.report = { ...record.report, merged: record.report.merged + 1 }),
    deleted: () => (record.report = { ...record.report, deletes: record.report.deletes + 1 }),
    conflict: (key) => {
      const { conflicts, conflictKeys } = record.report;
      const keys = conflictKeys.length < keysMax ? [...conflictKeys, key] : conflictKeys;
      record.report = { ...record.report, conflicts: conflicts + 1, conflictKeys: keys };
    },
  };
}

/** The other side has no node but those that a choice names. */
export function isBetween({ sides: [, there] }: Partition, concerned: ReadonlySet<Incarnation>): boolean {
  return there?.nodes.every(({ incarnation }) => concerned.has(incarnation)) === true;
}

export function isNamed({ sides }: Partition, side: Incarnation, { incarnation }: Replica): boolean {
  return sides.some(({ id, nodes }) => id === side || nodes.some((node) => node.incarnation === incarnation));
}

/** Of all that was another side, a peer was apart from everybody but its own. */
export function isMate({ sides: [, there] }: Partition, others: readonly Replica[] | undefined): boolean {
  if (others === undefined || there === undefined || there.nodes.length === 0) return false;
  return there.nodes.every((node) => others.every(({ incarnation }) => incarnation !== node.incarnation));
}
