/**
 * Reads the fields of a message that a peer may have made up (W5). The first field that is not what it should be fails
 * the reader; from then on every read answers with something harmless, so that a decoder asks once, at its end.
 */

import { isPresentable } from './presentable.js';

/** Fails on bytes that are not UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ByteReader {
  private readonly bytes: Buffer;
  private position = 0;
  private failed = false;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isFailed(): boolean {
    return this.failed;
  }

  /** Everything was read, and all of it was as it should be. */
  get isComplete(): boolean {
    return !this.failed && this.position === this.bytes.length;
  }

  /** Fails the reader for a reason that only the caller can see. */
  fail(): void {
    this.failed = true;
  }

  byte(): number {
    if (!this.has(1)) return 0;
    return this.bytes[this.position++] ?? 0;
  }

  flag(): boolean {
    const value = this.byte();
    if (value > 1) this.failed = true;
    return value === 1;
  }

  /** A whole number in its shortest form, at most `max`. */
  uint(max: number = Number.MAX_SAFE_INTEGER): number {
    let value = this.byte();
    if (value > 0x7f) {
      value &= 0x7f;
      let scale = 128;
      let next: number;
      do {
        next = this.byte();
        value += (next & 0x7f) * scale;
        scale *= 128;
      } while (next > 0x7f && value <= max);
      if (next === 0) this.failed = true;
    }
    if (value > max) this.failed = true;
    return this.failed ? 0 : value;
  }

  /** A whole number below 2^32 in four bytes, the highest first. */
  uint32(): number {
    if (!this.has(4)) return 0;
    const value = this.bytes.readUInt32BE(this.position);
    this.position += 4;
    return value;
  }

  number(): number {
    if (!this.has(8)) return 0;
    const value = this.bytes.readDoubleBE(this.position);
    this.position += 8;
    if (!Number.isFinite(value)) this.failed = true;
    return value;
  }

  ms(): number {
    const value = this.number();
    if (value < 0) this.failed = true;
    return value;
  }

  hex(bytes: number): string {
    if (!this.has(bytes)) return '';
    return this.bytes.toString('hex', this.position, (this.position += bytes));
  }

  /** Text of 1 to `bytesMax` bytes without control characters, so that it can stand in a log. */
  text(bytesMax: number): string {
    const length = this.uint(bytesMax);
    if (length === 0) this.failed = true;
    if (!this.has(length)) return '';
    const start = this.position;
    const end = (this.position += length);
    let isAscii = true;
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at] ?? 0;
      if (byte < 0x20 || byte === 0x7f) this.failed = true;
      if (byte > 0x7f) isAscii = false;
    }
    return isAscii ? this.bytes.toString('latin1', start, end) : this.unicode(start, end);
  }

  /** Any well-formed text of 1 to `bytesMax` bytes of UTF-8. */
  utf8(bytesMax: number): string {
    const length = this.uint(bytesMax);
    if (length === 0) this.failed = true;
    if (!this.has(length)) return '';
    const start = this.position;
    const end = (this.position += length);
    for (let at = start; at < end; at++) if ((this.bytes[at] ?? 0) > 0x7f) return this.wellFormed(start, end);
    return this.bytes.toString('latin1', start, end);
  }

  /** So many bytes, each as one character. */
  latin1(length: number): string {
    if (!this.has(length)) return '';
    return this.bytes.toString('latin1', this.position, (this.position += length));
  }

  /** How much was read. */
  get taken(): number {
    return this.position;
  }

  /** A copy of what was read since `taken` was this. */
  since(taken: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.bytes, taken, this.position);
  }

  /** Six bytes behind the text that comes next, as a number; read and not taken. -1 where there are not so many. */
  glance(): number {
    const start = this.position + 1 + (this.bytes[this.position] ?? 0);
    return start + 6 > this.bytes.length ? -1 : this.bytes.readUIntBE(start, 6);
  }

  /** Takes what comes next if it is just this. */
  takes(expected: Uint8Array): boolean {
    const { bytes, position } = this;
    if (this.failed || position + expected.length > bytes.length) return false;
    for (let at = 0; at < expected.length; at++) if (bytes[position + at] !== expected[at]) return false;
    this.position += expected.length;
    return true;
  }

  /** What comes next, read but not taken: a length of one byte, as many bytes as it says, and so many beside. */
  protected ahead(beside: number): string {
    const length = this.bytes[this.position] ?? 0;
    return this.bytes.toString('latin1', this.position, this.position + length + beside);
  }

  /** Takes what was seen `ahead`. */
  protected skip(bytes: number): void {
    if (this.has(bytes)) this.position += bytes;
  }

  /** How many items follow, of which each takes at least `bytesEach`: no more than there can be. */
  count(max: number, bytesEach: number): number {
    return this.uint(Math.min(max, Math.floor((this.bytes.length - this.position) / bytesEach)));
  }

  /** Everything that is left, as a view. */
  rest(): Uint8Array {
    const start = this.position;
    this.position = this.bytes.length;
    return this.bytes.subarray(start);
  }

  private unicode(start: number, end: number): string {
    const text = this.wellFormed(start, end);
    if (!isPresentable(text)) this.failed = true;
    return text;
  }

  private wellFormed(start: number, end: number): string {
    try {
      return utf8.decode(this.bytes.subarray(start, end));
    } catch {
      this.failed = true;
      return '';
    }
  }

  private has(bytes: number): boolean {
    if (this.failed || this.position + bytes > this.bytes.length) this.failed = true;
    return !this.failed;
  }
}
