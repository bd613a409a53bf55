/** Values of tests: texts, a byte for each letter. */
import type { StoredValue } from './state/entry.js';

class Letters extends Uint8Array {
  equals(other: StoredValue): boolean {
    return textOf(this) === textOf(other);
  }
}

export function bytes(text: string): StoredValue {
  return Letters.from(text, (letter) => letter.charCodeAt(0));
}

export function textOf(value: StoredValue): string {
  return value instanceof Uint8Array ? String.fromCharCode(...value) : '?';
}
