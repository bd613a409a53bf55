/**
 * For tests: whether replicas hold the same. Compares what is visible, and the dots behind it.
 */
import type { StoreMachine } from './machine.js';
import type { StoredValue } from './state/entry.js';

/** What is visible, sorted by key: two replicas that are equal give equal lists. */
export function contentOf(replica: StoreMachine, wall = 0): [key: string, value: StoredValue][] {
  const content: [string, StoredValue][] = [];
  for (const [key, { value, expiresAt }] of replica.entries()) {
    if (expiresAt === 0 || expiresAt > wall) content.push([key, value]);
  }
  return content.sort(([one], [other]) => (one < other ? -1 : Number(one > other)));
}

/** A short number for the content (FNV-1a over keys and values), to compare replicas in different processes. */
export function contentHash(
  replica: StoreMachine,
  bytesOf: (value: StoredValue) => Uint8Array,
  wall = 0,
): number {
  let hash = 0x811c9dc5;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  for (const [key, value] of contentOf(replica, wall)) {
    for (let at = 0; at < key.length; at++) mix(key.charCodeAt(at));
    for (const byte of bytesOf(value)) mix(byte);
  }
  return hash;
}
