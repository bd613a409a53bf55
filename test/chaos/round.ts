/**
 * One history: a fresh cluster, clients, the phases of a plan with a healing after each, and the judgement.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './checkers/index.js';
import { subscribe } from './clients/subscriber.js';
import { Users } from './clients/users.js';
import { watchLeader, watchReadiness } from './clients/watchers.js';
import type { Violation } from './history/history.js';
import { Recorder } from './history/recorder.js';
import { ChaosCluster } from './lab/cluster.js';
import type { Network } from './lab/network.js';
import type { Plan } from './nemesis/plan.js';
import { heal, playPhase } from './nemesis/play.js';
import { Random } from './random.js';
import { settle } from './settle.js';
import { hold, until } from './until.js';

/** Between two operations of one client, on average. */
const EVERY_MS = 90;
/** Of work before the first fault of a phase, so that there is something to lose. */
const CALM_MS = 1_500;
const QUIET_WITHIN_MS = 20_000;

export interface RoundSettings {
  readonly network: Network;
  readonly main: string;
  readonly folder: string;
  readonly room: number;
  readonly tell: (line: string) => void;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly history: string;
  readonly operations: number;
  readonly entries: number;
}

export async function playRound(plan: Plan, settings: RoundSettings): Promise<Verdict> {
  const { network, main, folder, room, tell } = settings;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'history.jsonl');
  const recorder = new Recorder(path);
  recorder.add({ type: 'setup', seed: plan.seed, profile: plan.profile, what: 'chaos' });
  const cluster = new ChaosCluster(network, { profile: plan.profile, main, folder }, recorder);
  watch(cluster, recorder);
  const users = new Users(cluster, recorder);
  const random = new Random(plan.seed).fork();
  const working: Promise<void>[] = [];
  try {
    for (const host of cluster.hosts) cluster.start(host);
    await heal(cluster, recorder);
    const settling = { random: random.fork(), deciding: 'anything' as const, room };
    await settle(cluster, recorder, users, settling);
    for (let client = 1; client <= plan.clients; client++)
      working.push(users.run(`client ${client}`, random.fork(), EVERY_MS));
    for (const [index, acts] of plan.phases.entries()) {
      tell(` phase ${index + 1} of ${plan.phases.length}`);
      users.goOn();
      await hold(CALM_MS);
      await playPhase(cluster, recorder, acts, tell);
      users.pause();
      await until('no operation is under way', QUIET_WITHIN_MS, () => users.isQuiet);
      const { healedAt, greenAt, equalAt } = await settle(cluster, recorder, users, settling);
      const after = (t: number | null) => (t === null ? 'never' : `${((t - healedAt) / 1000).toFixed(1)} s`);
      tell(`  healed: green after ${after(greenAt)}, equal after ${after(equalAt)}`);
      if (equalAt === null) break;
    }
  } finally {
    users.end();
    await cluster.close();
    await Promise.all(working);
    recorder.close();
  }
  const entries = recorder.all();
  return {
    violations: check(entries),
    history: path,
    operations: entries.filter(({ type }) => type === 'operation').length,
    entries: entries.length,
  };
}

/** Each new process is asked and listened to until it ends. */
export function watch(cluster: ChaosCluster, recorder: Recorder): void {
  cluster.watchers.push((life) => {
    void watchLeader(life, recorder);
    void watchReadiness(life, recorder);
    void subscribe(life, recorder);
  });
}
