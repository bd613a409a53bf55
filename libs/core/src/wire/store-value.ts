/**
 * A value as the store holds it: encoded once, where it was written, and passed on as it is. It is decoded when somebody
 * reads it, so that nobody holds an object that others see (S9).
 */
import type { StoredValue } from '@nest-cluster/protocol';
import { decodeValue } from './value-decoder.js';
import { encodeValue } from './value-encoder.js';

const UNREAD = Symbol('unread');

export class StoreValue implements StoredValue {
  /** What `peek` has answered before, when it can be answered again. */
  private frozen: unknown = UNREAD;

  /** @param text as `isValue` lets through: one byte per character */
  constructor(readonly text: string) {}

  /** Throws `CLUSTER_VALUE_INVALID` or `CLUSTER_VALUE_TOO_LARGE`. */
  static of(value: unknown, bytesMax: number): StoreValue {
    return new StoreValue(encodeValue(value, bytesMax));
  }

  get byteLength(): number {
    return this.text.length;
  }

  /** A copy of the caller's own. */
  copy(): unknown {
    return decodeValue(this.text, false).value;
  }

  /** The same frozen value for everybody, or a copy when it holds what cannot be frozen. */
  peek(): unknown {
    if (this.frozen !== UNREAD) return this.frozen;
    const { value, isPlain } = decodeValue(this.text, true);
    if (isPlain) this.frozen = value;
    return value;
  }
}
