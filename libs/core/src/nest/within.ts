/**
 * A limit on how long something is waited for, whether it minds or not.
 */
import { TIMER_MAX_MS } from '../ports/surroundings.js';

/** Settles as the work does; rejects with `late()` when the time is up first. No timer is left either way. */
export async function within<Result>(ms: number, work: Promise<Result>, late: () => Error): Promise<Result> {
  if (ms > TIMER_MAX_MS) return work;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** What was thrown, in words. Anything can be thrown, also what has none: an object without a prototype, say. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'something that has no text';
  }
}
