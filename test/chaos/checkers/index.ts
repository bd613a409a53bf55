/**
 * Every rule that a history is held against.
 */
import { History, type Checker, type Violation } from '../history/history.js';
import type { Entry } from '../history/records.js';
import { convergence } from './convergence.js';
import { l1 } from './l1.js';
import { l3 } from './l3.js';
import { m1 } from './m1.js';
import { n6 } from './n6.js';
import { p1 } from './p1.js';
import { p2 } from './p2.js';
import { p3 } from './p3.js';
import { p4 } from './p4.js';
import { s2 } from './s2.js';
import { s3 } from './s3.js';
import { s4 } from './s4.js';
import { s6 } from './s6.js';

export const CHECKERS: Readonly<Record<string, Checker>> = {
  l1,
  l3,
  m1,
  n6,
  s2,
  s3,
  s4,
  s6,
  p1,
  p2,
  p3,
  p4,
  convergence,
};

export function check(entries: readonly Entry[]): readonly Violation[] {
  const history = new History(entries);
  return Object.values(CHECKERS).flatMap((checker) => checker(history));
}
