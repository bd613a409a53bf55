/**
 * What may be a key of the store (S9).
 */
import { ClusterError } from '@nest-cluster/protocol';

/** Throws `CLUSTER_KEY_INVALID` for what is no key: text of 1 to `bytesMax` bytes of UTF-8, without half characters (S9). */
export function checkKey(key: unknown, bytesMax: number): asserts key is string {
  if (typeof key !== 'string')
    throw keyInvalid(`a key is a text, and not ${key === null ? 'null' : typeof key}`);
  if (key.length === 0) throw keyInvalid('a key is not empty');
  // Three bytes are the most that one unit of UTF-16 takes.
  if (key.length * 3 > bytesMax) {
    const bytes = Buffer.byteLength(key);
    if (bytes > bytesMax) throw keyInvalid(`a key takes at most ${bytesMax} bytes, and this one ${bytes}`);
  }
  if (HALF.test(key)) throw keyInvalid('a key is well-formed Unicode, and this one holds half a character');
}

const HALF = /\p{Surrogate}/u;

function keyInvalid(rule: string): ClusterError {
  return new ClusterError('CLUSTER_KEY_INVALID', rule);
}
