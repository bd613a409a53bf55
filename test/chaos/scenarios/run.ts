/**
 * Plays one scenario on a cluster of its own, and judges its history by the same rules as any other.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../checkers/index.js';
import { Users } from '../clients/users.js';
import { Recorder } from '../history/recorder.js';
import type { Profile } from '../history/records.js';
import { ChaosCluster } from '../lab/cluster.js';
import { heal } from '../nemesis/play.js';
import { Random } from '../random.js';
import { watch, type RoundSettings, type Verdict } from '../round.js';
import { settle } from '../settle.js';
import { Play } from './play.js';
import type { Scenario } from './scenario.js';

const DEFAULTS: Omit<Profile, 'hosts'> = { recovery: 'automatic', minority: 'available', voters: 'size' };

export async function playScenario(
  scenario: Scenario,
  settings: RoundSettings,
  attempt: number,
): Promise<Verdict> {
  const { network, main, folder, room, tell } = settings;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'history.jsonl');
  const recorder = new Recorder(path);
  const profile = { ...DEFAULTS, ...scenario.profile };
  recorder.add({ type: 'setup', seed: 0, profile, what: scenario.title });
  const cluster = new ChaosCluster(network, { profile, main, folder, env: scenario.env ?? {} }, recorder);
  watch(cluster, recorder);
  const users = new Users(cluster, recorder);
  const play = new Play(cluster, users, recorder, tell, attempt);
  try {
    const settling = { random: new Random(1), deciding: 'merge' as const, room };
    for (const host of cluster.hosts) cluster.start(host);
    await heal(cluster, recorder);
    await settle(cluster, recorder, users, settling);
    await scenario.play(play).catch((error: unknown) => {
      play.broken.push({ rule: 'step', what: error instanceof Error ? error.message : String(error) });
    });
    if (scenario.isSettled) {
      await heal(cluster, recorder);
      const { healedAt, greenAt, equalAt } = await settle(cluster, recorder, users, settling);
      const after = (t: number | null) => (t === null ? 'never' : `${((t - healedAt) / 1000).toFixed(1)} s`);
      tell(`  healed: green after ${after(greenAt)}, equal after ${after(equalAt)}`);
      await scenario.after?.(play);
    }
  } finally {
    await cluster.close();
    recorder.close();
  }
  const entries = recorder.all();
  return {
    violations: [...check(entries), ...play.broken],
    history: path,
    operations: entries.filter(({ type }) => type === 'operation').length,
    entries: entries.length,
  };
}
