/**
 * The clock of the history, and waiting for conditions.
 */
const NANOS_PER_MS = 1e6;
const LOOK_MS = 50;

/** The machine's monotonic clock in milliseconds: the same for every process here, whatever happens to wall clocks. */
export function now(): number {
  return Number(process.hrtime.bigint()) / NANOS_PER_MS;
}

/** How long a fault lasts is part of the experiment; nothing else waits for time alone. */
export function hold(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The first answer that is not false or undefined; undefined when it did not come in time. */
export async function within<T>(
  ms: number,
  ask: () => T | Promise<T>,
  lookMs = LOOK_MS,
): Promise<Exclude<T, false | undefined> | undefined> {
  const end = now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, false | undefined>;
    if (now() > end) return undefined;
    await hold(lookMs);
  }
}

export async function until<T>(
  what: string,
  ms: number,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  const answer = await within(ms, ask);
  if (answer === undefined) throw new Error(`waited ${ms} ms in vain until ${what}`);
  return answer;
}
