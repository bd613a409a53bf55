/**
 * Which roll of voters is the newer one (L5). A roll is stamped with the token of the term that changed it, and tokens grow
 * over terms (L3), so that of two rolls made from one the roll of the later leader stands.
 */
import type { Roll } from '../message.js';

export type Stamp = Pick<Roll, 'term' | 'step'>;

export const UNSTAMPED: Stamp = { term: 0, step: 0 };

/** A message that carries no roll comes from a node that knows of no surplus. */
export const BLANK: Roll = { ...UNSTAMPED, nodes: 0, out: [], absent: [], appeal: false };

export function isNewer(a: Stamp, b: Stamp): boolean {
  return a.term !== b.term ? a.term > b.term : a.step > b.step;
}

export function isSameStamp(a: Stamp, b: Stamp): boolean {
  return a.term === b.term && a.step === b.step;
}
