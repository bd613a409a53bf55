/**
 * Who has heard whom, in few bytes: a sum over incarnations, which does not depend on their order. Two voters that tell the
 * same sum heard the same voters.
 */
import type { Gathering } from '../message.js';
import type { Incarnation } from '../node.js';

const HALF = 2 ** 26;
/** Two starting values of FNV-1a by Fowler, Noll and Vo (public domain). */
const SEEDS = [0x811c9dc5, 0x01000193] as const;

function hash(incarnation: Incarnation, seed: number): number {
  let value = seed;
  for (let index = 0; index < incarnation.length; index++) {
    value = Math.imul(value ^ incarnation.charCodeAt(index), 0x01000193);
  }
  return (value ^ (value >>> 15)) >>> 0;
}

export function gather(incarnations: Iterable<Incarnation>): Gathering {
  let nodes = 0;
  let [high, low] = [0, 0];
  for (const incarnation of incarnations) {
    nodes += 1;
    high = (high + hash(incarnation, SEEDS[0])) % HALF;
    low = (low + hash(incarnation, SEEDS[1])) % HALF;
  }
  return { nodes, digest: high * HALF + low };
}

export function isSameGathering(a: Gathering, b: Gathering): boolean {
  return a.nodes === b.nodes && a.digest === b.digest;
}
