/**
 * Whoever decides what becomes of partitions that wait (P4): any choice, sent to any node, sometimes two at the same time that
 * contradict each other.
 */
import type { Recorder } from '../history/recorder.js';
import type { ChaosCluster } from '../lab/cluster.js';
import type { Life } from '../lab/life.js';
import type { Random } from '../random.js';
import { now, within } from '../until.js';
import { call } from './http.js';
import { glance, type PartitionGlance } from './look.js';

const PATIENCE_MS = 30_000;
const LOOK_MS = 400;

/** One choice for a partition; the recovery mode when `choose` is `automatic`. */
export interface Decision {
  readonly choose: 'merge' | 'keep' | 'automatic';
  readonly side?: string;
}

export async function choose(
  life: Life,
  partition: PartitionGlance,
  { choose: what, side }: Decision,
  recorder: Recorder,
): Promise<number> {
  const path = what === 'automatic' ? '/cluster' : `/cluster/partitions/${partition.id}/resolve`;
  const body = what === 'automatic' ? { recovery: 'automatic' } : { choose: what, side };
  const method = what === 'automatic' ? 'PUT' : 'POST';
  const t0 = now();
  const answer = await call(life, path, { method, body, timeoutMs: PATIENCE_MS });
  recorder.add({
    type: 'choice',
    life: life.id,
    host: life.host,
    partition: partition.id,
    choose: what,
    side: side ?? null,
    sides: partition.sides,
    t0,
    t1: answer.t1,
    status: answer.status,
    code: answer.code,
  });
  return answer.status;
}

/** What is chosen for what waits: anything, by chance, or a merge. */
export type Deciding = 'anything' | 'merge';

/** Chooses until nothing waits on any node; false when something still does. */
export async function settlePartitions(
  cluster: ChaosCluster,
  recorder: Recorder,
  random: Random,
  deciding: Deciding,
): Promise<boolean> {
  const done = await within(
    PATIENCE_MS,
    async () => {
      const seen = await Promise.all(cluster.running().map(glance));
      const waiting = seen.flatMap((one) =>
        (one?.partitions ?? [])
          .filter(({ state }) => state === 'waiting')
          .flatMap((partition) => (one === undefined ? [] : [{ life: one.life, partition }])),
      );
      if (waiting.length === 0) return seen.every((one) => one !== undefined);
      const deciders = random.chance(0.3) ? 2 : 1;
      await Promise.all(
        random
          .shuffle(waiting)
          .slice(0, deciders)
          .map(({ life, partition }) =>
            choose(
              life,
              partition,
              deciding === 'merge' ? { choose: 'merge' } : drawDecision(partition, random),
              recorder,
            ),
          ),
      );
      return false;
    },
    LOOK_MS,
  );
  return done === true;
}

function drawDecision({ sides }: PartitionGlance, random: Random): Decision {
  const draw = random.next();
  if (draw < 0.35) return { choose: 'merge' };
  if (draw < 0.45) return { choose: 'automatic' };
  return { choose: 'keep', side: random.pick(random.pick(sides)) };
}
