/**
 * A view in 32 bits, so that two nodes see from a probe whether they agree. It is a sum over the members that are up, so
 * it does not depend on order, changes in constant time, and does not mind who was forgotten.
 */
import type { Incarnation } from '../node.js';

/** FNV-1a by Fowler, Noll and Vo (public domain), over the characters. */
export function fingerprint(incarnation: Incarnation): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < incarnation.length; index++) {
    hash = Math.imul(hash ^ incarnation.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** What one member that is up adds to the digest. */
export function share(print: number, version: number): number {
  let mixed = Math.imul(print ^ version ^ Math.floor(version / 4_294_967_296), 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca77);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
