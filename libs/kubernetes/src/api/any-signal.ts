/**
 * Work that any of several signals may call off. `AbortSignal.any` does the same, but on Node 20 a signal that lives as long as
 * the application remembers every short one that was ever put beside it.
 */

/** Does the work with a signal that aborts as soon as one of the given does. Leaves nothing behind. */
export async function withAnySignal<Result>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const links = signals.map((signal) => ({ signal, abort: () => controller.abort(signal.reason) }));
  try {
    for (const { signal, abort } of links) {
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
    }
    return await work(controller.signal);
  } finally {
    for (const { signal, abort } of links) signal.removeEventListener('abort', abort);
  }
}
