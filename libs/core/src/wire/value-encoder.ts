/**
 * Values of the application on their way into the store (S9). Everything that can be kept is written down at once, so that
 * nothing that the caller does to it later is seen by anybody; anything else is refused with the path to it.
 */
import { types } from 'node:util';
import { ClusterError } from '@nest-cluster/protocol';
import { doubleToText, uintToText, VALUE_DEPTH_MAX } from './value-format.js';

const WIDE = /[^\0-\xff]/;
const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;
/** Beyond this, a whole number takes no less room than any other. */
const INTEGER_MAX = 2 ** 45;

/** Throws `CLUSTER_VALUE_INVALID` with the path to what cannot be kept, or `CLUSTER_VALUE_TOO_LARGE`. */
export function encodeValue(value: unknown, bytesMax: number): string {
  if (typeof value === 'string') {
    // The most common value needs no encoder.
    if (value.length > bytesMax) throw tooLarge(bytesMax);
    const text = textOf(value);
    if (text.length > bytesMax) throw tooLarge(bytesMax);
    return text;
  }
  return new ValueEncoder(bytesMax).encode(value);
}

type Entries = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

class ValueEncoder {
  private text = '';
  private readonly path: (string | number)[] = [];
  private readonly holders: object[] = [];

  constructor(private readonly bytesMax: number) {}

  encode(value: unknown): string {
    this.write(value);
    this.room(0);
    return this.text;
  }

  private write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.writeText(value);
        return;
      case 'number':
        this.text += numberText(value);
        return;
      case 'boolean':
        this.text += value ? 't' : 'f';
        return;
      case 'undefined':
        this.text += 'u';
        return;
      case 'bigint':
        this.room(0);
        this.text += bigintText(value);
        return;
      case 'object':
        if (value === null) this.text += 'n';
        else this.writeObject(value);
        return;
      default:
        throw this.invalid(`a ${typeof value}`);
    }
  }

  private writeObject(value: object): void {
    if (types.isProxy(value)) throw this.invalid('a proxy');
    if (types.isUint8Array(value)) {
      this.room(value.byteLength);
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.text += 'y' + uintToText(bytes.length) + bytes.toString('latin1');
      return;
    }
    if (this.holders.includes(value)) throw this.invalid('a reference to something that holds it');
    if (this.holders.length >= VALUE_DEPTH_MAX) throw this.invalid(`more than ${VALUE_DEPTH_MAX} levels`);
    this.holders.push(value);
    this.room(0);
    if (isPlain(value)) this.writeRecord(value);
    else if (!isPlain(Object.getPrototypeOf(value))) throw this.invalid(nameOf(value));
    else if (Array.isArray(value)) this.writeList(value);
    else if (types.isDate(value)) this.text += 'D' + doubleToText(value.getTime());
    else if (types.isMap(value)) this.writeMap(value);
    else if (types.isSet(value)) this.writeSet(value);
    else throw this.invalid(nameOf(value));
    this.holders.pop();
  }

  private writeText(text: string): void {
    this.room(text.length);
    this.text += textOf(text);
  }

  /** What is in it is read once, by a count that was read once: no node takes bytes that hold more or less (W5). */
  private writeList(list: readonly unknown[]): void {
    const { length } = list;
    this.begin('a', length);
    for (let index = 0; index < length; index++) this.item(index, list[index]);
    if (list.length !== length)
      throw this.invalid('an array that changes while it is read; give a plain copy');
  }

  private writeRecord(record: object): void {
    if (Object.getOwnPropertySymbols(record).length > 0) throw this.invalid('a symbol as a key');
    const keys = Object.keys(record);
    this.begin('o', keys.length);
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(record, key);
      this.writeText(key);
      this.path.push(key);
      if (property?.get !== undefined || property?.set !== undefined) throw this.invalid('an accessor');
      this.write(property?.value);
      this.path.pop();
    }
  }

  private writeMap(map: ReadonlyMap<unknown, unknown>): void {
    const size = this.sizeOf(map);
    this.begin('m', size);
    let index = 0;
    for (const [key, value] of map) {
      this.item(index, key);
      this.item(index++, value);
    }
    if (index !== size) throw this.uneven(map);
  }

  private writeSet(set: ReadonlySet<unknown>): void {
    const size = this.sizeOf(set);
    this.begin('e', size);
    let index = 0;
    for (const value of set) this.item(index++, value);
    if (index !== size) throw this.uneven(set);
  }

  private sizeOf(holder: Entries): number {
    if (Object.hasOwn(holder, 'size') || Object.hasOwn(holder, Symbol.iterator)) throw this.uneven(holder);
    return holder.size;
  }

  private uneven(holder: Entries): ClusterError {
    const kind = types.isMap(holder) ? 'Map' : 'Set';
    return this.invalid(
      `a ${kind} with a size or an iterator of its own, or one that changes while it is read; give a plain copy`,
    );
  }

  private item(index: number, value: unknown): void {
    this.path.push(index);
    this.write(value);
    this.path.pop();
  }

  /** What is counted takes a byte each at least. */
  private begin(tag: string, count: number): void {
    this.room(count);
    this.text += tag + uintToText(count);
  }

  /**
   * Checked before anything that may be large, so that what is shared does not multiply without bounds, and no more is
   * written down than is kept.
   */
  private room(bytes: number): void {
    if (this.text.length + bytes > this.bytesMax) throw tooLarge(this.bytesMax);
  }

  private invalid(what: string): ClusterError {
    const path = this.path.reduce<string>(
      (before, step) =>
        typeof step === 'string' && PLAIN_KEY.test(step)
          ? `${before}.${step}`
          : `${before}[${JSON.stringify(step)}]`,
      'value',
    );
    const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
    return new ClusterError(
      'CLUSTER_VALUE_INVALID',
      `${shown} is ${what}, and cannot be kept: the store takes null, booleans, numbers, bigints, texts, arrays, plain ` +
        'objects, Map, Set, Date, Uint8Array and undefined',
    );
  }
}

function textOf(value: string): string {
  if (!WIDE.test(value)) return 's' + uintToText(value.length) + value;
  return 'w' + uintToText(value.length) + Buffer.from(value, 'utf16le').toString('latin1');
}

function numberText(value: number): string {
  if (!Number.isInteger(value) || value > INTEGER_MAX || value < -INTEGER_MAX || Object.is(value, -0))
    return 'd' + doubleToText(value);
  return 'i' + uintToText(value < 0 ? -2 * value - 1 : 2 * value);
}

function bigintText(value: bigint): string {
  const digits = value.toString(16);
  return 'b' + uintToText(digits.length) + digits;
}

/** Plain objects of other realms count too. */
function isPlain(value: object | null): boolean {
  if (value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'no plain object';
}

function tooLarge(bytesMax: number): ClusterError {
  return new ClusterError(
    'CLUSTER_VALUE_TOO_LARGE',
    `the value takes more than ${bytesMax} bytes; raise store.maxValueBytes (CLUSTER_STORE_MAX_VALUE_BYTES), or keep ` +
      'large things elsewhere and their names here',
  );
}
