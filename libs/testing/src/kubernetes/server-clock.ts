/**
 * The fake server's own clock, so that a test can keep the server's time in its hands.
 */

export interface ServerClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls once after so many milliseconds, never at once; what it returns calls that off. */
  readonly after: (ms: number, act: () => void) => () => void;
}

export const REAL_CLOCK: ServerClock = {
  now: Date.now,
  after: (ms, act) => {
    const timer = setTimeout(act, ms).unref();
    return () => clearTimeout(timer);
  },
};
