/** One mutant for each rule of refutation, versions and incarnations (M1, M4). */
import type { Mutant } from './mutant.js';

export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [];
