/**
 * What this package takes from its surroundings. In one place, so that an hour of an election can be tried in seconds with
 * everything else as it is. Its timers hold no process open.
 */
import { NODE_SURROUNDINGS, type Surroundings as CoreSurroundings } from '@nest-cluster/core';

export type Surroundings = Pick<CoreSurroundings, 'clocks' | 'random' | 'after'>;

/** Longest wait that a timer takes, in milliseconds. */
const WAIT_MAX_MS = 2 ** 31 - 1;

export const SURROUNDINGS: Surroundings = {
  ...NODE_SURROUNDINGS,
  after: (ms, act) => {
    const timer = setTimeout(act, Math.min(Math.max(Math.ceil(ms), 0), WAIT_MAX_MS)).unref();
    return () => clearTimeout(timer);
  },
};
