/**
 * N6: a process that is asked to end does.
 */
import { at, type Checker } from '../history/history.js';

export const n6: Checker = (history) =>
  history
    .of('ended')
    .filter(({ how }) => how === 'stuck')
    .map(({ life, t0, t1 }) => ({
      rule: 'N6',
      what: `${life} was asked to end at ${at(history, t0)}, and had to be killed at ${at(history, t1)}`,
    }));
