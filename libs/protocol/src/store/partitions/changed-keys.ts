/**
 * Which keys changed since a clock: what a dry run compares and what a `keep` drops (P4). Deleted keys are among them as far
 * as the logs reach back.
 */
import { siblingsOf } from '../state/entry.js';
import type { StoreState } from '../state/store-state.js';
import type { VersionVector } from '../state/version-vector.js';

export interface ChangedKeys {
  /** At most as many as were asked for. */
  readonly keys: readonly string[];
  readonly total: number;
}

export function changedKeys(
  { origins, entries }: StoreState,
  since: VersionVector,
  max: number,
): ChangedKeys {
  const keys = new Set<string>();
  let isLogged = true;
  for (const { index, counter, log } of origins.list) {
    const from = (since[index] ?? 0) + 1;
    isLogged &&= from > counter || from >= log.from;
    for (let at = Math.max(from, log.from); at <= counter; at++) {
      const key = log.get(at);
      if (key !== undefined) keys.add(key);
    }
  }
  if (!isLogged) {
    for (const [key, entry] of entries.table)
      if (siblingsOf(entry).some(({ origin, counter }) => counter > (since[origin] ?? 0))) keys.add(key);
  }
  return { keys: [...keys].slice(0, max), total: keys.size };
}
