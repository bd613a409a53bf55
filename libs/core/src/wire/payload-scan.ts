/**
 * Walks MessagePack without decoding it, to tell whether a decoder may be let near (W5): one pass, no allocation that
 * grows with what the bytes announce.
 */
import { PAYLOAD_DEPTH_MAX, PAYLOAD_ITEMS_MAX } from './limits.js';

const EXTENSION_INTEGER = 0x42;
const EXTENSION_DATE = 0xff;
const INTEGER_BYTES_MAX = 1_024;

/** Bytes of what follows the tokens 0xca to 0xd3: numbers of fixed size. */
const NUMBER_BYTES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

/** True when `bytes` hold exactly one value, complete and within bounds, of types that are plain data. */
export function isSound(bytes: Uint8Array): boolean {
  return new PayloadScan(bytes).isSound();
}

class PayloadScan {
  private position = 0;
  private items = 0;

  constructor(private readonly bytes: Uint8Array) {}

  isSound(): boolean {
    return this.value(0) && this.position === this.bytes.length;
  }

  private value(depth: number): boolean {
    if (this.position >= this.bytes.length || ++this.items > PAYLOAD_ITEMS_MAX) return false;
    const token = this.byte();
    if (token < 0x80 || token >= 0xe0) return true;
    if (token < 0x90) return this.values((token & 0x0f) * 2, depth, true);
    if (token < 0xa0) return this.values(token & 0x0f, depth, false);
    if (token < 0xc0) return this.skip(token & 0x1f);
    if (token >= 0xca && token <= 0xd3) return this.skip(NUMBER_BYTES[token - 0xca] ?? 0);
    switch (token) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return true;
      case 0xc4:
      case 0xd9:
        return this.skip(this.length(1));
      case 0xc5:
      case 0xda:
        return this.skip(this.length(2));
      case 0xc6:
      case 0xdb:
        return this.skip(this.length(4));
      case 0xc7:
        return this.extension(this.length(1));
      case 0xc8:
        return this.extension(this.length(2));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension(1 << (token - 0xd4));
      case 0xdc:
        return this.values(this.length(2), depth, false);
      case 0xdd:
        return this.values(this.length(4), depth, false);
      case 0xde:
        return this.values(this.length(2) * 2, depth, true);
      case 0xdf:
        return this.values(this.length(4) * 2, depth, true);
      default:
        return false;
    }
  }

  /** Each value takes a byte at least, so that a count beyond the bytes left is a lie. */
  private values(count: number, depth: number, isMap: boolean): boolean {
    if (count > this.bytes.length - this.position || depth >= PAYLOAD_DEPTH_MAX) return false;
    for (let index = 0; index < count; index++) {
      if (isMap && index % 2 === 0 && !this.isText()) return false;
      if (!this.value(depth + 1)) return false;
    }
    return true;
  }

  /** Keys are texts. */
  private isText(): boolean {
    const token = this.bytes[this.position] ?? 0;
    return (token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb);
  }

  private extension(length: number): boolean {
    const type = this.byte();
    const isDate = type === EXTENSION_DATE && (length === 4 || length === 8 || length === 12);
    const isInteger = type === EXTENSION_INTEGER && length > 0 && length <= INTEGER_BYTES_MAX;
    return (isDate || isInteger) && this.skip(length);
  }

  private skip(bytes: number): boolean {
    this.position += bytes;
    return this.position <= this.bytes.length;
  }

  private length(bytes: number): number {
    let length = 0;
    for (let left = bytes; left > 0; left--) length = length * 256 + this.byte();
    return length;
  }

  private byte(): number {
    return this.bytes[this.position++] ?? 0;
  }
}
