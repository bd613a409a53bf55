/**
 * Waiting for conditions in real processes, the only kind of waiting that tests do.
 */
/**
 * How many times the promised time a test allows. Machines that run tests have neighbours; on an idle one, NEST_CLUSTER_ROOM=1
 * holds every figure to the letter.
 */
const ROOM = Number(process.env['NEST_CLUSTER_ROOM'] ?? 4);

export function withRoom(promisedMs: number): number {
  return promisedMs * ROOM;
}

const LOOK_MS = 10;
const PATIENCE_MS = 30_000;

/** Resolves with the first truthy answer; what throws counts as not yet, unless it keeps throwing until the end. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, false | undefined | null | 0 | ''>> {
  const end = Date.now() + patienceMs;
  let last: unknown;
  for (;;) {
    try {
      last = await ask();
      if (last) return last as Exclude<T, false | undefined | null | 0 | ''>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      const seen = last instanceof Error ? last.stack : JSON.stringify(last);
      throw new Error(`waited ${patienceMs} ms in vain until ${what}; last seen: ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** The value below which `share` of the values lie; 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export function distribution(values: readonly number[]): string {
  const at = (share: number) => Math.round(quantile(values, share));
  return `n=${values.length} min=${at(0.001)} p50=${at(0.5)} p90=${at(0.9)} p99=${at(0.99)} max=${at(1)} ms`;
}
