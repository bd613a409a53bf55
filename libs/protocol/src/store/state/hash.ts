/**
 * Hashes that are the same on every node: they place a key in its bucket, and make the digests that two nodes compare
 * (S8). FNV-1a with the finalizer of MurmurHash3 (Austin Appleby, public domain).
 */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export function hashText(text: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return finish(hash);
}

export function mix(hash: number, value: number): number {
  return finish(Math.imul(hash, 31) ^ value);
}

function finish(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
