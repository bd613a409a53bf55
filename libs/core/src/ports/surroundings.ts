/**
 * Clocks, timers and chance, as drivers take them. Node's own by default; the simulator hands in virtual ones, so that what
 * ships runs in virtual time as it is.
 */
import type { Instant } from '@nest-cluster/protocol';
import { monotonicMs, readClocks } from './clock.js';

/** Longest wait that a timer of Node takes, in milliseconds: with a longer one it fires at once. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

/** Calls a timer off; does nothing once it has fired. */
export type Cancel = () => void;

export interface Surroundings {
  /** As `monotonicMs()`. */
  readonly mono: () => number;
  readonly clocks: () => Instant;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Calls once after so many milliseconds, never at once; after `TIMER_MAX_MS` at the latest. */
  readonly after: (ms: number, act: () => void) => Cancel;
  readonly every: (ms: number, act: () => void) => Cancel;
  /** Calls once when the event loop has read what the sockets hold. */
  readonly soon: (act: () => void) => Cancel;
  /** Calls once when the current callback has returned, before anything else is handled. */
  readonly turnEnd: (act: () => void) => void;
}

export const NODE_SURROUNDINGS: Surroundings = {
  mono: monotonicMs,
  clocks: readClocks,
  random: Math.random,
  after: (ms, act) => {
    const timer = setTimeout(act, Math.min(ms, TIMER_MAX_MS));
    return () => clearTimeout(timer);
  },
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
  soon: (act) => {
    const immediate = setImmediate(act);
    return () => clearImmediate(immediate);
  },
  turnEnd: (act) => process.nextTick(act),
};
