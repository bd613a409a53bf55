/**
 * Values on their way out of the store, and the check that lets bytes of another node in (S9, W5). What was checked is
 * decoded without a doubt; the check allocates nothing and trusts no count.
 */
import { textToDouble, VALUE_BYTES_CAP, VALUE_DEPTH_MAX } from './value-format.js';

const NULL = 0x6e;
const UNDEFINED = 0x75;
const TRUE = 0x74;
const FALSE = 0x66;
const INTEGER = 0x69;
const DOUBLE = 0x64;
const BIGINT = 0x62;
const NARROW = 0x73;
const WIDE = 0x77;
const LIST = 0x61;
const RECORD = 0x6f;
const MAP = 0x6d;
const SET = 0x65;
const DATE = 0x44;
const BYTES = 0x79;
const MINUS = 0x2d;

/** A part of a larger text keeps all of it in memory; beyond this length it is copied out. */
const KEPT_WHOLE_MAX = 1_024;

/** What `decodeValue` found besides the value. */
export interface Decoded {
  readonly value: unknown;
  /** It holds no bytes, `Map`, `Set` or `Date`: frozen, nobody can change it. */
  readonly isPlain: boolean;
}

/** Decodes what `isValue` let through. With `freeze`, objects and lists cannot be changed. */
export function decodeValue(text: string, freeze: boolean): Decoded {
  const decoder = new ValueDecoder(text, freeze);
  const value = decoder.read();
  return { value, isPlain: decoder.isPlain };
}

class ValueDecoder {
  isPlain = true;
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly freeze: boolean,
  ) {}

  read(): unknown {
    switch (this.byte()) {
      case NULL:
        return null;
      case TRUE:
        return true;
      case FALSE:
        return false;
      case INTEGER:
        return unzigzag(this.uint());
      case DOUBLE:
        return this.double();
      case BIGINT:
        return this.bigint();
      case NARROW:
        return this.narrow(this.uint());
      case WIDE:
        return this.wide(this.uint());
      case LIST:
        return this.list(this.uint());
      case RECORD:
        return this.record(this.uint());
      case MAP:
        return this.map(this.uint());
      case SET:
        return this.set(this.uint());
      case DATE:
        this.isPlain = false;
        return new Date(this.double());
      case BYTES:
        return this.bytes(this.uint());
      default:
        return undefined;
    }
  }

  private list(count: number): unknown[] {
    const list: unknown[] = [];
    for (let left = count; left > 0; left--) list.push(this.read());
    return this.freeze ? (Object.freeze(list) as unknown[]) : list;
  }

  private record(count: number): object {
    const record: Record<string, unknown> = {};
    for (let left = count; left > 0; left--) {
      const key = this.byte() === NARROW ? this.narrow(this.uint()) : this.wide(this.uint());
      const value = this.read();
      if (key === '__proto__')
        Object.defineProperty(record, key, { value, configurable: true, enumerable: true, writable: true });
      else record[key] = value;
    }
    return this.freeze ? Object.freeze(record) : record;
  }

  private map(count: number): Map<unknown, unknown> {
    this.isPlain = false;
    const map = new Map<unknown, unknown>();
    for (let left = count; left > 0; left--) {
      const key = this.read();
      map.set(key, this.read());
    }
    return map;
  }

  private set(count: number): Set<unknown> {
    this.isPlain = false;
    const set = new Set<unknown>();
    for (let left = count; left > 0; left--) set.add(this.read());
    return set;
  }

  private bytes(length: number): Uint8Array {
    this.isPlain = false;
    const part = this.text.slice(this.at, (this.at += length));
    const bytes = new Uint8Array(length);
    Buffer.from(bytes.buffer).write(part, 'latin1');
    return bytes;
  }

  private bigint(): bigint {
    const digits = this.narrow(this.uint());
    return digits.charCodeAt(0) === MINUS ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
  }

  private narrow(length: number): string {
    const { text, at } = this;
    this.at = at + length;
    const part = text.substring(at, at + length);
    if (text.length <= KEPT_WHOLE_MAX || length * 2 > text.length) return part;
    return Buffer.from(part, 'latin1').toString('latin1');
  }

  private wide(length: number): string {
    const part = this.text.substring(this.at, (this.at += 2 * length));
    return Buffer.from(part, 'latin1').toString('utf16le');
  }

  private double(): number {
    const value = textToDouble(this.text, this.at);
    this.at += 8;
    return value;
  }

  private uint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 128; byte > 0x7f; scale *= 128) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
    }
    return value;
  }

  private byte(): number {
    return this.text.charCodeAt(this.at++);
  }
}

/** True when the text is exactly one value, complete and within bounds. */
export function isValue(text: string): boolean {
  return text.length <= VALUE_BYTES_CAP && new ValueScan(text).isWhole();
}

class ValueScan {
  private at = 0;

  constructor(private readonly text: string) {}

  isWhole(): boolean {
    return this.value(0) && this.at === this.text.length;
  }

  private value(depth: number): boolean {
    switch (this.byte()) {
      case NULL:
      case UNDEFINED:
      case TRUE:
      case FALSE:
        return true;
      case INTEGER:
        return this.uint() >= 0;
      case DOUBLE:
      case DATE:
        return this.skip(8);
      case NARROW:
      case BYTES:
        return this.skip(this.uint());
      case WIDE:
        return this.skip(2 * this.uint());
      case BIGINT:
        return this.digits(this.uint());
      case LIST:
      case SET:
        return this.values(this.uint(), depth);
      case MAP:
        return this.values(2 * this.uint(), depth);
      case RECORD:
        return this.fields(this.uint(), depth);
      default:
        return false;
    }
  }

  /** Each value takes a byte at least, so that a count beyond the bytes left is a lie. */
  private values(count: number, depth: number): boolean {
    if (!this.mayHold(count, depth)) return false;
    for (let left = count; left > 0; left--) if (!this.value(depth + 1)) return false;
    return true;
  }

  private fields(count: number, depth: number): boolean {
    if (!this.mayHold(count, depth)) return false;
    for (let left = count; left > 0; left--) {
      const tag = this.text.charCodeAt(this.at);
      if (tag !== NARROW && tag !== WIDE) return false;
      if (!this.value(depth + 1) || !this.value(depth + 1)) return false;
    }
    return true;
  }

  private mayHold(count: number, depth: number): boolean {
    return count >= 0 && count <= this.text.length - this.at && depth < VALUE_DEPTH_MAX;
  }

  private digits(length: number): boolean {
    const start = this.at;
    if (length < 1 || !this.skip(length)) return false;
    return /^-?[0-9a-f]+$/.test(this.text.substring(start, this.at));
  }

  private skip(bytes: number): boolean {
    if (bytes < 0) return false;
    this.at += bytes;
    return this.at <= this.text.length;
  }

  /** -1 for what is no number. */
  private uint(): number {
    let value = 0;
    for (let scale = 1; scale <= Number.MAX_SAFE_INTEGER; scale *= 128) {
      const byte = this.byte();
      if (Number.isNaN(byte)) return -1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : -1;
    }
    return -1;
  }

  private byte(): number {
    return this.text.charCodeAt(this.at++);
  }
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
