/**
 * The test runner that the suites are written for: `describe`, `it` and the hooks as globals, as Jest and Vitest offer them.
 * Assertions are Node's own, so that nothing else is needed.
 */

export interface Runner {
  readonly describe: (name: string, define: () => void) => void;
  readonly it: (name: string, test: () => Promise<void>, timeoutMs?: number) => void;
  readonly beforeEach: (hook: () => Promise<void>, timeoutMs?: number) => void;
  readonly afterEach: (hook: () => Promise<void>, timeoutMs?: number) => void;
}

const NAMES = ['describe', 'it', 'beforeEach', 'afterEach'] as const;

export function runner(): Runner {
  const missing = NAMES.filter((name) => typeof Reflect.get(globalThis, name) !== 'function');
  if (missing.length > 0) {
    throw new Error(
      `the conformance suites need ${missing.join(', ')} as globals: run them with Jest, or Vitest with globals`,
    );
  }
  return globalThis as unknown as Runner;
}

/** Waits until the condition gives something, looking every few milliseconds; fails with what was waited for. */
export async function eventually<T>(
  what: string,
  condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs: number,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== null && result !== false) return result;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms, and still not: ${what}`);
    await turn(5);
  }
}

/** Lets time pass, for what must *not* happen meanwhile. */
export function turn(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

/** Whether the promise is settled in time, in whichever way. */
export async function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const settled = promise.then(
    () => true,
    () => true,
  );
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
