/**
 * After a healing: waits until all nodes are green and show the same, chooses where partitions wait for it, and writes down how
 * long it took and what everybody shows.
 */
import { settlePartitions, type Deciding } from './clients/operator.js';
import { entriesOf, glance, keysOf, stateOf, type Glance } from './clients/look.js';
import { KEYS, type Users } from './clients/users.js';
import type { Recorder } from './history/recorder.js';
import type { LifeState, Settled } from './history/records.js';
import type { ChaosCluster } from './lab/cluster.js';
import type { Random } from './random.js';
import { now, within } from './until.js';

/** How long is waited, to tell late from never. */
const PATIENCE_MS = 45_000;
const EVENT_WITHIN_MS = 5_000;

export interface SettleSettings {
  readonly random: Random;
  /** What becomes of partitions that wait. */
  readonly deciding: Deciding;
  /** How many times the promised time is allowed. */
  readonly room: number;
}

export async function settle(
  cluster: ChaosCluster,
  recorder: Recorder,
  users: Users,
  { random, deciding, room }: SettleSettings,
): Promise<Settled> {
  let greenAt: number | null = null;
  let equalAt: number | null = null;
  let states: readonly LifeState[] = [];
  await within(PATIENCE_MS * Math.max(1, room / 2), async () => {
    await settlePartitions(cluster, recorder, random, deciding);
    const seen = await look(cluster);
    if (seen === undefined) return false;
    const isGreen = seen.every(({ state, isReady }) => state === 'green' && isReady);
    greenAt = isGreen ? (greenAt ?? now()) : null;
    const isWaiting = seen.some(({ partitions }) => partitions.some(({ state }) => state === 'waiting'));
    if (!isGreen || isWaiting || !(await showSameKeys(cluster))) return false;
    const since = now();
    states = await statesOf(seen);
    if (new Set(states.map(({ entries }) => JSON.stringify(entries))).size !== 1) return false;
    equalAt = since;
    return true;
  });
  if (equalAt === null) states = await statesOf((await look(cluster)) ?? []);
  else await lastWord(cluster, recorder, users);
  const settled: Settled = { type: 'settled', healedAt: healedAt(recorder), greenAt, equalAt, states, room };
  recorder.add(settled);
  return settled;
}

/** The last thing that stood in the way: a fault, or a choice that had not been made. */
function healedAt(recorder: Recorder): number {
  const all = recorder.all();
  const healed = all.findLast((entry) => entry.type === 'healed');
  const chosen = all.findLast((entry) => entry.type === 'choice' && entry.status === 200);
  return Math.max(healed?.type === 'healed' ? healed.t : 0, chosen?.type === 'choice' ? chosen.t1 : 0);
}

async function look(cluster: ChaosCluster): Promise<Glance[] | undefined> {
  const seen = await Promise.all(cluster.running().map(glance));
  const all = seen.filter((one) => one !== undefined);
  return all.length === cluster.hosts.length ? all : undefined;
}

async function showSameKeys(cluster: ChaosCluster): Promise<boolean> {
  const lists = await Promise.all(cluster.running().map((life) => keysOf(life)));
  return !lists.includes(undefined) && new Set(lists.map((keys) => keys?.join('\n'))).size === 1;
}

async function statesOf(seen: readonly Glance[]): Promise<LifeState[]> {
  return Promise.all(
    seen.map(async (one) => {
      const t0 = now();
      const entries = await entriesOf(one.life);
      return stateOf({ ...one, isReady: one.isReady && entries !== undefined }, entries ?? {}, t0, now());
    }),
  );
}

/** A last write that every subscription has to tell of: what has not come by then is missing. */
async function lastWord(cluster: ChaosCluster, recorder: Recorder, users: Users): Promise<void> {
  const [first] = cluster.running();
  if (first === undefined) return;
  const key = `${KEYS}end-${recorder.nextOperation()}`;
  await users.write('settle', first, key, 'all');
  await within(EVENT_WITHIN_MS, () => {
    const heard = new Set(
      recorder
        .all()
        .flatMap((entry) => (entry.type === 'heard' && entry.data['key'] === key ? [entry.life] : [])),
    );
    return cluster.running().every(({ id }) => heard.has(id));
  });
}
