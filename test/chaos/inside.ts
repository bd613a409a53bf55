/**
 * What runs among the clients: one history after the other, until the time is up.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Violation } from './history/history.js';
import type { Profile } from './history/records.js';
import type { Network } from './lab/network.js';
import { FAULT_NAMES, type FaultName } from './nemesis/faults.js';
import { draw, type PlanSettings } from './nemesis/plan.js';
import { playRound, type RoundSettings, type Verdict } from './round.js';
import { SCENARIOS } from './scenarios/index.js';
import { playScenario } from './scenarios/run.js';
import { buildMutant, mainOf } from './lab/build.js';
import { mutantOf, TEETH, type Tooth } from './teeth.js';
import { now } from './until.js';

const ROOT = join(import.meta.dirname, '../../../..');
const MS_PER_MINUTE = 60_000;
const SEEDS = 2 ** 31;
const SHOWN_MAX = 8;

/** The same for everything that is played. */
interface Surroundings {
  readonly network: Network;
  readonly main: string;
  readonly room: number;
  readonly out: string;
}

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

/** What can be named on the command line. */
export function list(): number {
  console.log(`faults: ${FAULT_NAMES.join(', ')}`);
  for (const [name, { title }] of Object.entries(SCENARIOS)) console.log(`scenario ${name}: ${title}`);
  for (const [name, { fault }] of Object.entries(TEETH)) console.log(`mutant ${name}: ${fault}`);
  return 0;
}

export async function inside(network: Network, options: Options): Promise<number> {
  const settings: Surroundings = {
    network,
    main: mainOf(ROOT),
    room: Number(process.env['NEST_CLUSTER_ROOM'] ?? 1),
    out: options.out ?? join(ROOT, 'test-results/chaos'),
  };
  if (options.scenario !== undefined) return playScenarios(options.scenario, settings);
  if (options.mutant !== undefined) return bite(options.mutant, options, settings);
  return playHistories(options, settings);
}

/** Plays builds with one rule off until somebody notices; fails when nobody does. */
async function bite(names: string, options: Options, surroundings: Surroundings): Promise<number> {
  const survivors: string[] = [];
  for (const [name, tooth] of named('mutant', names, TEETH)) {
    const build = buildMutant(ROOT, mutantOf(tooth));
    try {
      if (!(await isFoundOut(name, tooth, options, { ...surroundings, main: build.main })))
        survivors.push(name);
    } finally {
      build.remove();
    }
  }
  console.log(survivors.length === 0 ? 'all were found out' : `not found out: ${survivors.join(', ')}`);
  return survivors.length === 0 ? 0 : 1;
}

async function isFoundOut(
  name: string,
  { fault, rules, plan, seedsMax }: Tooth,
  { seed = '1' }: Options,
  surroundings: Surroundings,
): Promise<boolean> {
  for (let at = 0; at < seedsMax; at++) {
    const drawn = draw(Number(seed) + at, plan);
    console.log(`${name} (${fault}), seed ${drawn.seed}: ${JSON.stringify(drawn.profile)}`);
    const verdict = await playRound(drawn, roundSettings(surroundings, `${name}-${drawn.seed}`));
    isBroken(verdict);
    if (verdict.violations.some(({ rule }) => rules.includes(rule))) return true;
  }
  return false;
}

/** Those of a table that are asked for, in its order. */
function named<T>(what: string, names: string, table: Readonly<Record<string, T>>): [string, T][] {
  const chosen = names === 'all' ? Object.keys(table) : names.split(',');
  const unknown = chosen.filter((name) => table[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`no ${what} ${unknown.join(', ')}; there is: ${Object.keys(table).join(', ')}`);
  return Object.entries(table).filter(([name]) => chosen.includes(name));
}

async function playHistories(options: Options, surroundings: Surroundings): Promise<number> {
  const seed = numberOf('seed', options.seed) ?? Math.floor(Math.random() * SEEDS);
  const end = now() + (numberOf('minutes', options.minutes) ?? 0) * MS_PER_MINUTE;
  const settings = planSettings(options);
  const failed: number[] = [];
  let played = 0;
  do {
    const plan = draw(seed + played, settings);
    console.log(`seed ${plan.seed}: ${JSON.stringify(plan.profile)}`);
    const verdict = await playRound(plan, roundSettings(surroundings, String(plan.seed)));
    if (isBroken(verdict)) {
      failed.push(plan.seed);
      console.log(` again: npm run chaos -- --seed ${plan.seed}${again(options)}`);
    }
    played += 1;
  } while (now() < end);
  const which = failed.length > 0 ? `: ${failed.join(', ')}` : '';
  console.log(`${played} histories, ${failed.length} with violations${which}`);
  return failed.length > 0 ? 1 : 0;
}

async function playScenarios(names: string, surroundings: Surroundings): Promise<number> {
  const chosen = named('scenario', names, SCENARIOS);
  const failed: string[] = [];
  for (const [name, scenario] of chosen) {
    const { title, tries = 1 } = scenario;
    for (let attempt = 1; attempt <= tries && !failed.includes(name); attempt++) {
      console.log(`${name}, ${attempt} of ${tries}: ${title}`);
      if (isBroken(await playScenario(scenario, roundSettings(surroundings, `${name}-${attempt}`), attempt)))
        failed.push(name);
    }
  }
  console.log(`${chosen.length} scenarios, ${failed.length} with violations: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

function roundSettings({ network, main, room, out }: Surroundings, name: string): RoundSettings {
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return { network, main, folder, room, tell: console.log };
}

/** What was kept stays to be looked at; the rest goes. */
function isBroken({ violations, operations, entries, history }: Verdict): boolean {
  console.log(` ${operations} operations, ${entries} entries: ${violations.length} violations`);
  report(violations);
  if (violations.length > 0) console.log(` history: ${history}`);
  else rmSync(dirname(history), { recursive: true, force: true });
  return violations.length > 0;
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
  const chosen = faults?.split(',') ?? [];
  const unknown = chosen.filter((name) => !(FAULT_NAMES as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new Error(`no fault ${unknown.join(', ')}; there is: ${FAULT_NAMES.join(', ')}`);
  return {
    hosts: numberOf('nodes', nodes),
    phases: numberOf('phases', phases),
    faults: chosen as FaultName[],
    profile: Object.fromEntries(
      (profile?.split(',') ?? []).map((pair) => pair.split('=')),
    ) as Partial<Profile>,
  };
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`--${option} must be a number, and is ${text}`);
  return value;
}

/** The options that a seed is drawn under. */
function again({ nodes, phases, profile, faults }: Options): string {
  return Object.entries({ nodes, phases, profile, faults })
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${value}`]))
    .join('');
}
