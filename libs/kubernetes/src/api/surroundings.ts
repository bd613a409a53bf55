/**
 * What this package takes from its surroundings: time, timers and chance. In one place, so that an hour of an election can
 * be tried in seconds with everything else as it is.
 */
import { readClocks, type Instant } from '@nest-cluster/core';

export interface Surroundings {
  readonly clocks: () => Instant;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Calls once after so many milliseconds, never at once; what it returns calls that off. Holds no process open. */
  readonly after: (ms: number, act: () => void) => () => void;
}

/** Longest wait that a timer takes, in milliseconds. */
const WAIT_MAX_MS = 2 ** 31 - 1;

export const SURROUNDINGS: Surroundings = {
  clocks: readClocks,
  random: Math.random,
  after: (ms, act) => {
    const timer = setTimeout(act, Math.min(Math.max(Math.ceil(ms), 0), WAIT_MAX_MS)).unref();
    return () => clearTimeout(timer);
  },
};
