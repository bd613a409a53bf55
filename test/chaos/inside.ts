/**
 * What runs among the clients: one history after the other, until the time is up.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from './history/history.js';
import type { Profile } from './history/records.js';
import type { Network } from './lab/network.js';
import { FAULT_NAMES, type FaultName } from './nemesis/faults.js';
import { draw, type PlanSettings } from './nemesis/plan.js';
import { playRound } from './round.js';
import { now } from './until.js';

const ROOT = join(import.meta.dirname, '../../../..');
const MS_PER_MINUTE = 60_000;
const SEEDS = 2 ** 31;
const SHOWN_MAX = 8;

export interface Options {
  readonly seed?: string;
  readonly minutes?: string;
  readonly nodes?: string;
  readonly phases?: string;
  readonly profile?: string;
  readonly faults?: string;
  readonly out?: string;
  readonly mutant?: string;
  readonly scenario?: string;
  readonly list: boolean;
}

export async function inside(network: Network, options: Options): Promise<number> {
  const seed = Number(options.seed ?? Math.floor(Math.random() * SEEDS));
  const until = now() + Number(options.minutes ?? 0) * MS_PER_MINUTE;
  const out = options.out ?? join(ROOT, 'test-results/chaos');
  const settings = planSettings(options);
  const room = Number(process.env['NEST_CLUSTER_ROOM'] ?? 1);
  const failed: number[] = [];
  let played = 0;
  do {
    const plan = draw(seed + played, settings);
    const folder = join(out, String(plan.seed));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    console.log(`seed ${plan.seed}: ${JSON.stringify(plan.profile)}`);
    const main = join(ROOT, 'apps/demo/dist/main.js');
    const verdict = await playRound(plan, { network, main, folder, room, tell: console.log });
    const { violations, operations, entries, history } = verdict;
    console.log(` ${operations} operations, ${entries} entries: ${violations.length} violations`);
    report(violations);
    if (violations.length > 0) {
      failed.push(plan.seed);
      console.log(` history: ${history}\n again: npm run chaos -- --seed ${plan.seed}${again(options)}`);
    } else if (options.out === undefined) rmSync(folder, { recursive: true, force: true });
    played += 1;
  } while (now() < until);
  console.log(
    `${played} histories, ${failed.length} with violations${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`,
  );
  return failed.length > 0 ? 1 : 0;
}

export function report(violations: readonly Violation[]): void {
  const rules = new Map<string, Violation[]>();
  for (const violation of violations)
    rules.set(violation.rule, [...(rules.get(violation.rule) ?? []), violation]);
  for (const [rule, same] of rules) {
    for (const { what } of same.slice(0, SHOWN_MAX)) console.log(` ${rule}: ${what}`);
    if (same.length > SHOWN_MAX) console.log(` ${rule}: and ${same.length - SHOWN_MAX} more`);
  }
}

function planSettings({ nodes, phases, profile, faults }: Options): PlanSettings {
  const named = faults?.split(',') ?? [];
  const unknown = named.filter((name) => !(FAULT_NAMES as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new Error(`no fault ${unknown.join(', ')}; there is: ${FAULT_NAMES.join(', ')}`);
  return {
    hosts: nodes === undefined ? undefined : Number(nodes),
    phases: phases === undefined ? undefined : Number(phases),
    faults: named as FaultName[],
    profile: Object.fromEntries(
      (profile?.split(',') ?? []).map((pair) => pair.split('=')),
    ) as Partial<Profile>,
  };
}

/** The options that a seed is drawn under. */
function again({ nodes, phases, profile, faults, mutant }: Options): string {
  return Object.entries({ nodes, phases, profile, faults, mutant })
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${value}`]))
    .join('');
}
