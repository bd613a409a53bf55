/**
 * What is played when: a function of the seed alone.
 */
import type { Profile } from '../history/records.js';
import { Random } from '../random.js';
import { FAULTS, FAULT_NAMES, faultOf, type FaultName } from './faults.js';

/** One fault in a phase; times from the phase's start, in milliseconds. */
export interface Act {
  readonly fault: FaultName;
  readonly atMs: number;
  readonly lastsMs: number;
  readonly seed: number;
}

export interface Plan {
  readonly seed: number;
  readonly profile: Profile;
  /** After each phase everything heals, and is compared. */
  readonly phases: readonly (readonly Act[])[];
  readonly clients: number;
}

export interface PlanSettings {
  readonly hosts: number | undefined;
  readonly phases: number | undefined;
  /** Faults that may be drawn; all of them when none is named. */
  readonly faults: readonly FaultName[];
  readonly profile: Partial<Profile>;
}

const HOSTS = [3, 5] as const;
const PHASES = [2, 3] as const;
const ACTS_MAX = 3;
const APART_MS = 6_000;

export function draw(seed: number, settings: PlanSettings): Plan {
  const random = new Random(seed);
  const hosts = settings.hosts ?? random.pick(HOSTS);
  const profile: Profile = {
    hosts,
    recovery: random.chance(0.35) ? 'manual' : 'automatic',
    minority: random.chance(0.25) ? 'read-only' : 'available',
    voters: random.pick(['size', 'size', 'named', 'named', 'none'] as const),
    ...settings.profile,
  };
  const names = settings.faults.length > 0 ? settings.faults : FAULT_NAMES;
  const count = settings.phases ?? random.pick(PHASES);
  const phases = Array.from({ length: count }, () => drawPhase(random, names));
  return { seed, profile, phases, clients: 3 };
}

function drawPhase(random: Random, names: readonly FaultName[]): Act[] {
  const acts = Array.from({ length: 1 + random.below(ACTS_MAX) }, (_, at): Act => {
    const fault = drawFault(random, names);
    const [least, most] = faultOf(fault).lastsMs;
    // Short ones are as likely as long ones.
    const lastsMs = Math.round(least + (most - least) * random.next() ** 2);
    return {
      fault,
      atMs: at === 0 ? 0 : Math.round(random.between(0, APART_MS)),
      lastsMs,
      seed: random.below(2 ** 31),
    };
  });
  return acts.sort((one, other) => one.atMs - other.atMs);
}

function drawFault(random: Random, names: readonly FaultName[]): FaultName {
  const weights = names.map((name) => FAULTS[name].weight);
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [at, name] of names.entries()) {
    left -= weights[at] ?? 0;
    if (left < 0) return name;
  }
  return random.pick(names);
}
