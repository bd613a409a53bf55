/**
 * What a process shows: its state, the partitions that wait, and everything that clients wrote.
 */
import type { LifeState } from '../history/records.js';
import type { Life } from '../lab/life.js';
import { call, fieldOf, textOf } from './http.js';
import { KEYS } from './users.js';

const PAGE = 1_000;
const AT_ONCE = 24;
const PATIENCE_MS = 5_000;

export interface Glance {
  readonly life: Life;
  readonly state: string;
  readonly isReady: boolean;
  readonly leader: string;
  /** Replicas that are linked, and those of them that hold all that this one holds. */
  readonly replicas: number;
  readonly inSync: number;
  readonly partitions: readonly PartitionGlance[];
}

export interface PartitionGlance {
  readonly id: string;
  readonly state: string;
  readonly sides: readonly (readonly string[])[];
}

/** Undefined when it does not answer. */
export async function glance(life: Life): Promise<Glance | undefined> {
  const { status, body } = await call(life, '/cluster', { timeoutMs: PATIENCE_MS });
  if (status !== 200) return undefined;
  const store = fieldOf(body, 'store');
  const replicas = fieldOf(store, 'replicas');
  return {
    life,
    state: textOf(body, 'state'),
    isReady: fieldOf(store, 'ready') === true,
    leader: textOf(fieldOf(body, 'leader'), 'node'),
    replicas: Number(textOf(replicas, 'all')),
    inSync: Number(textOf(replicas, 'inSync')),
    partitions: (fieldOf(body, 'partitions') ?? []) as readonly PartitionGlance[],
  };
}

/** All keys of the clients, in order; undefined when it does not answer or has no store. */
export async function keysOf(life: Life, prefix = KEYS): Promise<string[] | undefined> {
  const keys: string[] = [];
  let cursor = '';
  do {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/cluster/keys?prefix=${encodeURIComponent(prefix)}&limit=${PAGE}${from}`;
    const { status, body } = await call(life, path, { timeoutMs: PATIENCE_MS });
    if (status !== 200) return undefined;
    keys.push(...(fieldOf(body, 'keys') as string[]));
    cursor = textOf(body, 'cursor');
  } while (cursor !== '');
  return keys;
}

export async function entriesOf(life: Life): Promise<Record<string, string> | undefined> {
  const keys = await keysOf(life);
  if (keys === undefined) return undefined;
  const entries: Record<string, string> = {};
  const left = [...keys];
  const work = async () => {
    for (let key = left.pop(); key !== undefined; key = left.pop()) {
      const { status, body } = await call(life, `/cluster/keys/${encodeURIComponent(key)}`, {
        timeoutMs: PATIENCE_MS,
      });
      if (status === 200) entries[key] = textOf(body, 'value');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function stateOf(
  { life, state, isReady, partitions }: Glance,
  entries: Readonly<Record<string, string>>,
  t0: number,
  t1: number,
): LifeState {
  const waiting = partitions.filter((partition) => partition.state === 'waiting').length;
  return { life: life.id, host: life.host, state, isReady, waiting, t0, t1, entries };
}
