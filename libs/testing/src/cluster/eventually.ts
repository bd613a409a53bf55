/**
 * Waiting for a condition, the only kind of waiting that a test needs.
 */
const LOOK_MS = 5;
const TIMEOUT_MS = 10_000;

/** Resolves when `holds` returns true; rejects with what was waited for after `timeoutMs`, 10,000 by default. */
export async function eventually(what: string, holds: () => boolean, timeoutMs = TIMEOUT_MS): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
