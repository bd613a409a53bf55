/**
 * One partition as this node remembers it, and what it reports of its end (P1, P3).
 */
import type { Incarnation } from '../../node.js';
import type { Instant } from '../../instant.js';
import type { Core } from '../core.js';
import type { MergeReport, Partition, Side } from '../machine.js';
import { isTogether, type Peer } from '../replication/peers.js';
import type { Replica } from '../state/entry.js';
import type { Tally } from '../state/entries.js';
import { incarnationsOf } from './decrees.js';

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

/** Two sides that have just met: this one, and the other one, whose nodes follow. */
export function newRecord(
  ours: Incarnation,
  theirs: Incarnation,
  here: readonly Replica[],
  state: 'waiting' | 'merging',
  { mono, wall }: Instant,
): PartitionRecord {
  const id = [ours, theirs]
    .map((side) => side.slice(0, 8))
    .sort()
    .join('-');
  const sides: Side[] = [
    { id: ours, nodes: here },
    { id: theirs, nodes: [] },
  ];
  const partition: Partition = { id, sides, state, detectedAt: wall };
  return { partition, pending: new Set(), quietAt: Infinity, report: NO_REPORT, metAt: mono };
}

/** The sides as they are now: replicas went on as others, nodes changed sides, and some are gone for good. */
export function sidesNow({ sides }: Partition, core: Core): readonly Side[] {
  const [here, there] = sides as [Side, Side];
  const { self, peers } = core;
  const isThere = ({ incarnation }: Replica): boolean => {
    const peer = peers.get(incarnation);
    return peer !== undefined && !isTogether(peer);
  };
  const theirs = there.nodes.filter(isThere);
  const listed = incarnationsOf([theirs]);
  const all = new Map([...here.nodes, ...there.nodes].map((node) => [node.incarnation, node]));
  const ours = [...all.values()].filter(
    ({ incarnation }) =>
      !listed.has(incarnation) && (incarnation === self.incarnation || peers.get(incarnation) !== undefined),
  );
  const now = (side: Side, nodes: readonly Replica[]): Side => ({
    ...side,
    nodes: nodes.map((node) => core.current(node)),
  });
  return [now(here, ours), now(there, theirs)];
}
