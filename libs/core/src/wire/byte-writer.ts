/**
 * Writes the fields of a message one after the other into a buffer that is used again and again. A value that its field
 * cannot hold is a mistake of this node, not of a peer: it throws.
 */
import { ClusterError } from '@nest-cluster/protocol';
import { isPresentable } from './presentable.js';

const START_BYTES = 4_096;
const UINT_BYTES_MAX = 8;
/** Letters that are written one by one. */
const SHORT = 64;
const HEX = /^[0-9a-f]*$/;

export class ByteWriter {
  private buffer = Buffer.allocUnsafeSlow(START_BYTES);
  private length = 0;

  /** Forgets what an unfinished message left behind. */
  start(): this {
    this.length = 0;
    return this;
  }

  /** A copy of everything written since `start`. */
  finish(): Buffer {
    const { length } = this;
    const bytes = Buffer.allocUnsafe(length);
    this.buffer.copy(bytes, 0, 0, length);
    // One huge message must not keep its memory for ever.
    if (this.buffer.length > START_BYTES * 64) this.buffer = Buffer.allocUnsafeSlow(START_BYTES);
    return bytes;
  }

  /** How much was written since `start`. */
  get written(): number {
    return this.length;
  }

  /** A copy of what was written since `written` was this. */
  since(written: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.buffer, written, this.length);
  }

  byte(value: number): void {
    this.need(1);
    this.buffer[this.length++] = value;
  }

  flag(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  /** A whole number from 0 to 2^53 - 1, seven bits per byte, the lowest first. */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw unwritable('a whole number', value);
    this.need(UINT_BYTES_MAX);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.length++] = rest;
  }

  /** A whole number below 2^32 in four bytes, the highest first. */
  uint32(value: number): void {
    if (value >>> 0 !== value) throw unwritable('a whole number below 2^32', value);
    this.need(4);
    this.length = this.buffer.writeUInt32BE(value, this.length);
  }

  /** Any finite number, as it is. */
  number(value: number): void {
    if (!Number.isFinite(value)) throw unwritable('a finite number', value);
    this.need(8);
    this.length = this.buffer.writeDoubleBE(value, this.length);
  }

  /** A length of time, or a time of the wall clock, in milliseconds; not negative, with all its digits. */
  ms(value: number): void {
    if (!(value >= 0)) throw unwritable('a time', value);
    this.number(value);
  }

  /** Hexadecimal digits as half as many bytes, without their length. */
  hex(digits: string, bytes: number): void {
    if (digits.length !== bytes * 2 || !HEX.test(digits))
      throw unwritable(`${bytes * 2} hexadecimal digits`, digits);
    this.need(bytes);
    this.buffer.write(digits, this.length, 'hex');
    this.length += bytes;
  }

  /** Text of 1 to `bytesMax` bytes of UTF-8 without control characters. */
  text(value: string, bytesMax: number): void {
    const bytes = Buffer.byteLength(value);
    if (bytes === 0 || bytes > bytesMax || !isPresentable(value))
      throw unwritable(`a text of 1 to ${bytesMax} bytes without control characters`, value);
    this.uint(bytes);
    this.need(bytes);
    this.length += this.buffer.write(value, this.length, bytes === value.length ? 'latin1' : 'utf8');
  }

  /** Any text of 1 to `bytesMax` bytes of UTF-8. */
  utf8(value: string, bytesMax: number): void {
    if (value.length <= SHORT && value.length <= bytesMax && this.shortAscii(value)) return;
    const bytes = Buffer.byteLength(value);
    if (bytes === 0 || bytes > bytesMax) throw unwritable(`a text of 1 to ${bytesMax} bytes`, value);
    this.uint(bytes);
    this.need(bytes);
    this.length += this.buffer.write(value, this.length, bytes === value.length ? 'latin1' : 'utf8');
  }

  /** Each character as one byte, without their number. */
  latin1(text: string): void {
    this.need(text.length);
    this.length += this.buffer.write(text, this.length, 'latin1');
  }

  /** Bytes to the end of the message, without their length. */
  rest(bytes: Uint8Array): void {
    this.need(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes it if it is ASCII; for so few letters that costs less than a call out of JavaScript. */
  private shortAscii(value: string): boolean {
    const { length } = value;
    this.need(length + 1);
    const { buffer, length: start } = this;
    for (let at = 0; at < length; at++) {
      const code = value.charCodeAt(at);
      if (code > 0x7f) return false;
      buffer[start + 1 + at] = code;
    }
    if (length === 0) return false;
    buffer[start] = length;
    this.length = start + 1 + length;
    return true;
  }

  private need(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

function unwritable(what: string, value: unknown): ClusterError {
  return new ClusterError('CLUSTER_INVARIANT_BROKEN', `cannot be sent: ${String(value)} is not ${what}`);
}
