/**
 * What the calls answer, as far as the page uses it.
 */
export type ClusterState = 'green' | 'yellow' | 'red';

export interface Leader {
  readonly node: string;
  readonly token: number;
  readonly guarantee: string;
}

export interface NodeAnswer {
  readonly name: string;
  readonly incarnation: string;
  readonly address: string;
  readonly status: 'up' | 'degraded' | 'suspect' | 'down' | 'left';
  readonly self: boolean;
  readonly leader: boolean;
  readonly startedAt: number;
  readonly upSince: number;
  readonly voteSilent: boolean;
  readonly sees: readonly string[];
  readonly view: {
    readonly state: ClusterState;
    readonly size: { readonly expected: number; readonly current: number };
    readonly leader: Leader | null;
    readonly store: { readonly ready: boolean; readonly size: number };
    readonly traffic: Traffic;
    readonly at: number;
  } | null;
}

export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface NodeDetail extends NodeAnswer {
  readonly links: readonly (Traffic & { readonly node: string })[];
}

/** How many keys its end changed on this node. */
export interface PartitionReport {
  readonly merged: number;
  readonly conflicts: number;
  readonly deletes: number;
  readonly dropped: number;
}

export interface Partition {
  readonly id: string;
  readonly state: 'waiting' | 'merging' | 'healed';
  readonly sides: readonly (readonly string[])[];
  readonly detectedAt: number;
  readonly report: PartitionReport | null;
}

export interface ClusterAnswer {
  readonly cluster: string;
  readonly self: string;
  readonly state: ClusterState;
  readonly recovery: 'automatic' | 'manual';
  readonly member: boolean;
  readonly size: { readonly expected: number; readonly current: number };
  readonly quorum: number;
  readonly leader: Leader | null;
  readonly since: { readonly state: number; readonly leader: number };
  readonly nodes: readonly NodeAnswer[];
  readonly store: {
    readonly ready: boolean;
    readonly size: number;
    readonly replicas: { readonly all: number; readonly inSync: number };
    readonly conflicts: number;
    readonly subscriptions: number;
  };
  readonly partitions: readonly Partition[];
}

export interface KeyPage {
  readonly keys: readonly string[];
  readonly cursor: string | null;
  readonly total: number;
}

export interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly exact: boolean;
}

export interface SideDifference {
  readonly side: string;
  readonly written: readonly string[];
  readonly deleted: readonly string[];
  readonly conflicts: readonly string[];
  readonly total: number;
}

export interface Difference {
  readonly partition: string;
  readonly sides: readonly SideDifference[];
  readonly here: { readonly keys: readonly string[]; readonly total: number };
}

/** One event as it was told; its other fields depend on `type`. */
export interface ToldEvent {
  readonly type: string;
  readonly at: number;
  readonly [field: string]: unknown;
}
