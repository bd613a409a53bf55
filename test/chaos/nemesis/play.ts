/**
 * Plays the acts of one phase, at the same time where they overlap, and mends everything that they left.
 */
import type { Recorder } from '../history/recorder.js';
import type { ChaosCluster } from '../lab/cluster.js';
import { Random } from '../random.js';
import { hold, now } from '../until.js';
import { faultOf } from './faults.js';
import type { Act } from './plan.js';
import { Stage } from './stage.js';

export async function playPhase(
  cluster: ChaosCluster,
  recorder: Recorder,
  acts: readonly Act[],
  tell: (line: string) => void,
): Promise<void> {
  const stage = new Stage(cluster);
  await Promise.all(acts.map((act) => playAct(stage, recorder, act, tell)));
  stage.isOver = true;
  await heal(cluster, recorder);
}

async function playAct(
  stage: Stage,
  recorder: Recorder,
  { fault, atMs, lastsMs, seed }: Act,
  tell: (line: string) => void,
): Promise<void> {
  await hold(atMs);
  const { detail, stop } = await faultOf(fault).start(stage, new Random(seed));
  recorder.add({ type: 'fault', t: now(), fault, phase: 'start', detail });
  tell(`  ${fault} ${detail}, for ${(lastsMs / 1000).toFixed(1)} s`);
  await hold(lastsMs);
  await stop();
  recorder.add({ type: 'fault', t: now(), fault, phase: 'stop', detail });
}

/** The network is whole, everybody goes on, and every host has a process that listens. */
export async function heal(cluster: ChaosCluster, recorder: Recorder): Promise<void> {
  cluster.mend();
  for (const life of cluster.running()) {
    life.resume();
    life.setClock(0);
  }
  for (const host of cluster.hosts) if (!cluster.isTaken(host)) cluster.start(host);
  await Promise.all(cluster.running().map((life) => cluster.listening(life)));
  recorder.add({ type: 'healed', t: now() });
}
