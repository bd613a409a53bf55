/**
 * Every rule that a history is held against.
 */
import { History, type Checker, type Violation } from '../history/history.js';
import type { Entry } from '../history/records.js';
import { convergence } from './convergence.js';
import { l1 } from './l1.js';
import { p3 } from './p3.js';
import { s2 } from './s2.js';
import { s3 } from './s3.js';
import { s4 } from './s4.js';

export const CHECKERS: Readonly<Record<string, Checker>> = { l1, s2, s3, s4, p3, convergence };

export function check(entries: readonly Entry[]): readonly Violation[] {
  const history = new History(entries);
  return Object.values(CHECKERS).flatMap((checker) => checker(history));
}
