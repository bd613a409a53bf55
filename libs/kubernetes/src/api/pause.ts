/**
 * A wait that ends early when it is called off.
 */
import type { Surroundings } from './surroundings.js';

/** Resolves after `ms` milliseconds, or as soon as the signal aborts. Leaves nothing behind. */
export function pause(ms: number, signal: AbortSignal, { after }: Surroundings): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      callOff();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const callOff = after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
