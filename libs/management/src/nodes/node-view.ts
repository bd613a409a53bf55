/**
 * How one node sees the cluster, in its own words.
 */
import type { ClusterState, Guarantee } from '@nest-cluster/core';
import { isRecord } from './node-line.js';

export interface NodeView {
  readonly state: ClusterState;
  readonly size: { readonly expected: number; readonly current: number };
  readonly leader: { readonly node: string; readonly token: number; readonly guarantee: Guarantee } | null;
  /** Names of the nodes that it hears directly, itself among them. */
  readonly sees: readonly string[];
  readonly store: { readonly ready: boolean; readonly size: number };
  /** Over all its links since they were opened. */
  readonly traffic: { readonly bytesIn: number; readonly bytesOut: number };
}

/** Bytes over one link since it was opened, as the node that was asked counts them. */
export interface LinkTraffic {
  readonly node: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const STATES = ['green', 'yellow', 'red'] as const;
const GUARANTEES = ['quorum', 'engine', 'best-effort'] as const;
/** More than any cluster has; what goes beyond is cut off. */
const NAMES_MAX = 65_536;

/** What another node answered, read with care: it may be of another version. Undefined when it makes no sense. */
export function readView(answer: unknown): NodeView | undefined {
  if (!isRecord(answer)) return undefined;
  const { size, store, traffic, leader } = answer;
  const state = STATES.find((known) => known === answer['state']);
  if (state === undefined || !isRecord(size) || !isRecord(store) || !isRecord(traffic)) return undefined;
  return {
    state,
    size: { expected: count(size['expected']), current: count(size['current']) },
    leader: isRecord(leader) ? readLeader(leader) : null,
    sees: texts(answer['sees']),
    store: { ready: store['ready'] === true, size: count(store['size']) },
    traffic: { bytesIn: count(traffic['bytesIn']), bytesOut: count(traffic['bytesOut']) },
  };
}

export function readTraffic(answer: unknown): readonly LinkTraffic[] {
  if (!Array.isArray(answer)) return [];
  return answer.slice(0, NAMES_MAX).flatMap((link: unknown) => {
    if (!isRecord(link) || typeof link['node'] !== 'string') return [];
    return { node: link['node'], bytesIn: count(link['bytesIn']), bytesOut: count(link['bytesOut']) };
  });
}

function readLeader(leader: Readonly<Record<string, unknown>>): NodeView['leader'] {
  const guarantee = GUARANTEES.find((known) => known === leader['guarantee']) ?? 'best-effort';
  if (typeof leader['node'] !== 'string') return null;
  return { node: leader['node'], token: count(leader['token']), guarantee };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, NAMES_MAX).filter((text: unknown) => typeof text === 'string');
}
