/**
 * Rules that are switched off one at a time, and what brings each to light: chaos that does not notice is of no use.
 */
import { LEADERSHIP_MUTANTS } from '../simulation/mutants/leadership.js';
import { MEMBERSHIP_MUTANTS } from '../simulation/mutants/membership.js';
import type { Mutant } from '../simulation/mutants/mutant.js';
import { STORE_MUTANTS } from '../simulation/mutants/store.js';
import type { PlanSettings } from './nemesis/plan.js';

export interface Tooth {
  /** What is wrong with the build, as the simulator's list of mutants says it. */
  readonly fault: string;
  /** Who must notice. */
  readonly rules: readonly string[];
  /** What is played. */
  readonly plan: PlanSettings;
  /** By how many seeds it must be found out. */
  readonly seedsMax: number;
}

const MUTANTS: readonly Mutant[] = [...LEADERSHIP_MUTANTS, ...MEMBERSHIP_MUTANTS, ...STORE_MUTANTS];

export const TEETH: Readonly<Record<string, Tooth>> = {
  'quorum-of-the-seen': {
    fault: 'a majority of the nodes seen is a quorum',
    rules: ['L1'],
    plan: {
      hosts: 3,
      phases: 1,
      faults: ['isolatedLeader'],
      profile: { recovery: 'automatic', voters: 'size' },
    },
    seedsMax: 3,
  },
  'confirmed-early': {
    fault: 'a write is confirmed before anybody else holds it',
    rules: ['S2'],
    plan: {
      hosts: 3,
      phases: 1,
      faults: ['halves'],
      profile: { recovery: 'automatic', minority: 'available', voters: 'size' },
    },
    seedsMax: 3,
  },
  'told-twice': {
    fault: 'a change is told twice',
    rules: ['S6'],
    plan: { hosts: 3, phases: 1, faults: ['halves', 'restart'], profile: { recovery: 'automatic' } },
    seedsMax: 3,
  },
  'down-for-the-next-life': {
    fault: 'word of the end of one life ends the next life of that name',
    rules: ['M1', 'green', 'convergence'],
    plan: {
      hosts: 3,
      phases: 2,
      faults: ['kill', 'restart'],
      profile: { recovery: 'automatic', voters: 'size' },
    },
    seedsMax: 4,
  },
};

export function mutantOf({ fault }: Tooth): Mutant {
  const mutant = MUTANTS.find((known) => known.fault === fault);
  if (mutant === undefined) throw new Error(`there is no mutant of which it is said: ${fault}`);
  return mutant;
}
