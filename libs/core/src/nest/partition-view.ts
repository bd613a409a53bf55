/**
 * Partitions as an operator sees them: nodes go by name (P4).
 */
import { ClusterError, type Choice, type Incarnation, type Partition } from '@nest-cluster/protocol';

/** What an operator sees of a partition. */
export interface PartitionView {
  readonly id: string;
  /** `waiting`: for a choice (P4). */
  readonly state: Partition['state'];
  /** The sides by node name, each in order; `side` of `resolve` names any node. This node's first. */
  readonly sides: readonly (readonly string[])[];
  readonly detectedAt: number;
}

export type PartitionChoice =
  { readonly choose: 'merge' } | { readonly choose: 'keep'; readonly side: string };

export function viewOf({ id, state, sides, detectedAt }: Partition): PartitionView {
  return { id, state, detectedAt, sides: sides.map(({ nodes }) => nodes.map(({ name }) => name).sort()) };
}

/** The choice as the replica takes it. Throws `CLUSTER_PARTITION_UNKNOWN` for a node that is on no side of this partition. */
export function choiceOf(choice: PartitionChoice, partition: Partition | undefined): Choice {
  if (choice.choose === 'merge') return { kind: 'merge' };
  if (choice.choose !== 'keep')
    throw new ClusterError(
      'CLUSTER_OPTIONS_INVALID',
      `choose is ${String((choice as { choose?: unknown }).choose)}, must be merge or keep`,
    );
  const nodes = partition?.sides.flatMap((side) => side.nodes) ?? [];
  const named = nodes.find(({ name, incarnation }) => name === choice.side || incarnation === choice.side);
  if (partition !== undefined && named === undefined) {
    const names = nodes.map(({ name }) => name).join(', ');
    throw new ClusterError(
      'CLUSTER_PARTITION_UNKNOWN',
      `${choice.side} is on no side of it; these are: ${names}`,
    );
  }
  // The replica says itself that it does not know the partition.
  return { kind: 'keep', side: named?.incarnation ?? (choice.side as Incarnation) };
}
