/**
 * One page of keys in order, out of a store that keeps none: everything is looked at, but never much at once, and only one
 * page is held.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Keys that are looked at before others get their turn. */
const KEYS_PER_TURN = 5_000;

export interface KeyPage {
  readonly keys: readonly string[];
  /** For the next page; null on the last. */
  readonly cursor: string | null;
  /** How many keys have the prefix. */
  readonly total: number;
}

export async function keyPage(
  keys: Iterable<string>,
  prefix: string,
  limit: number,
  after: string | undefined,
): Promise<KeyPage> {
  let page: string[] = [];
  let last: string | undefined;
  let total = 0;
  let seen = 0;
  for (const key of keys) {
    if (++seen % KEYS_PER_TURN === 0) await nextTurn();
    if (!key.startsWith(prefix)) continue;
    total++;
    if ((after !== undefined && key <= after) || (last !== undefined && key > last)) continue;
    page.push(key);
    // One more than the page, to know whether there is a next one.
    if (page.length < 2 * limit + 2) continue;
    page = page.sort(byCodeUnits).slice(0, limit + 1);
    last = page[limit];
  }
  page.sort(byCodeUnits);
  const shown = page.slice(0, limit);
  const end = shown.at(-1);
  return { keys: shown, total, cursor: page.length > limit && end !== undefined ? encodeCursor(end) : null };
}

export function encodeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** Nothing for what is no cursor. */
export function decodeCursor(cursor: string): string | undefined {
  const key = Buffer.from(cursor, 'base64url').toString();
  return encodeCursor(key) === cursor ? key : undefined;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
