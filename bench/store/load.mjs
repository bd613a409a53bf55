// Load that is put on a store, whatever kind it is: so many writes in flight for so long, and how long each took.

const KEYS = 10_000;
const VALUE_BYTES = 100;

/**
 * `set(key, value)` resolves when the write is acknowledged. As fast as it goes, or so many per second in all. Answers
 * writes per second, and latencies in microseconds.
 */
export async function writeLoad(set, { lanes, ms, perSecond = Infinity }) {
  const value = 'v'.repeat(VALUE_BYTES);
  const micros = [];
  const begin = performance.now();
  const end = begin + ms;
  let count = 0;
  const lane = async () => {
    for (let now = performance.now(); now < end;) {
      const early = begin + (count / perSecond) * 1000 - now;
      if (early > 0) {
        await new Promise((resolve) => setTimeout(resolve, early));
        now = performance.now();
      }
      await set(`key-${count++ % KEYS}`, value);
      const after = performance.now();
      if (micros.length < 1e6) micros.push((after - now) * 1000);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - begin) / 1000;
  // Sorted by the engine itself, because the pauses of this process are measured, too.
  const sorted = Float64Array.from(micros).sort();
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Best of some rounds, in calls per second. */
export function rate(act, rounds = 7, calls = 300_000) {
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    for (let call = 0; call < calls; call++) act(call);
    best = Math.max(best, calls / ((performance.now() - begin) / 1000));
  }
  return best;
}

export async function rateOfPromises(act, rounds = 5, calls = 300_000) {
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    for (let call = 0; call < calls; call++) await act(call);
    best = Math.max(best, calls / ((performance.now() - begin) / 1000));
  }
  return best;
}

/** Answers what a parent process asks. */
export function serve(acts) {
  process.on('message', async ({ id, act, argument }) => {
    try {
      process.send({ id, result: (await acts[act](argument)) ?? null });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
}

/** Longest time that the event loop stood still since the last question, in milliseconds. */
export function watchPauses() {
  let longest = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1).unref();
  return () => {
    const pause = longest;
    longest = 0;
    return pause;
  };
}

export function heapMb() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}
