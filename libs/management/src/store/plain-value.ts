/**
 * Values of the store as JSON. What JSON cannot say is written as near to it as possible, and the answer tells that it is
 * not exact: writing it back would change the value. What takes too much room or time is cut off, and marked with `…`.
 */

/** Deeper levels are cut off. */
const DEPTH_MAX = 64;
/** Room for every value of JSON that the store takes by default, in characters, about. */
const BUDGET = 32 * 1024 * 1024;
/** What a part of a value costs besides its characters. */
const PART_COST = 8;
/** A date takes longer to write than its characters tell. */
const DATE_COST = 200;
/** Larger ones are not written in decimal digits: that takes the square of their length. */
const DECIMAL_MAX = 2n ** 1_024n;
const HEX_DIGITS_SHOWN = 64;
const CUT = '…';

export interface PlainValue {
  readonly value: unknown;
  /** The value is what JSON says it is. */
  readonly exact: boolean;
  /** Some of it was left out, because the budget was used up. */
  readonly isCut: boolean;
}

/** @param budget how many characters it may have, about */
export function plainValue(value: unknown, budget = BUDGET): PlainValue {
  const writer = new PlainWriter(budget);
  const plain = writer.write(value, 0);
  return { value: plain, exact: writer.exact, isCut: writer.isOver };
}

class PlainWriter {
  exact = true;

  constructor(private left: number) {}

  get isOver(): boolean {
    return this.left < 0;
  }

  write(value: unknown, depth: number): unknown {
    this.left -= PART_COST;
    if (this.isOver) return this.instead(CUT);
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : this.instead(String(value));
      case 'bigint':
        return this.instead(this.text(digitsOf(value)));
      case 'object':
        return value === null ? null : this.writeObject(value, depth);
      default:
        return this.instead(null);
    }
  }

  private writeObject(value: object, depth: number): unknown {
    if (depth >= DEPTH_MAX) return this.instead(CUT);
    if (Array.isArray(value)) return this.list(value, depth);
    if (value instanceof Date) return this.date(value);
    if (value instanceof Uint8Array) return this.bytes(value);
    if (value instanceof Map || value instanceof Set) return this.instead(this.list(value, depth));
    // No prototype, so that a key such as __proto__ is a key like any other.
    const plain: Record<string, unknown> = Object.create(null);
    for (const [name, part] of entriesOf(value)) {
      this.left -= name.length + PART_COST;
      if (this.isOver) {
        plain[CUT] = this.instead(CUT);
        break;
      }
      plain[name] = this.write(part, depth + 1);
    }
    return plain;
  }

  private text(text: string): unknown {
    const { left } = this;
    this.left -= text.length;
    return this.isOver ? this.instead(text.slice(0, left) + CUT) : text;
  }

  private list(parts: Iterable<unknown>, depth: number): unknown[] {
    const plain: unknown[] = [];
    for (const part of parts) {
      plain.push(this.write(part, depth + 1));
      if (this.isOver) break;
    }
    return plain;
  }

  private date(date: Date): unknown {
    this.left -= DATE_COST;
    return this.instead(Number.isNaN(date.getTime()) ? null : date.toISOString());
  }

  private bytes({ buffer, byteOffset, byteLength }: Uint8Array): unknown {
    this.left -= byteLength * 1.4;
    return this.instead(this.isOver ? CUT : Buffer.from(buffer, byteOffset, byteLength).toString('base64'));
  }

  private instead(plain: unknown): unknown {
    this.exact = false;
    return plain;
  }
}

/** Read one at a time: a record may have more parts than the budget allows. */
function* entriesOf(record: object): Iterable<readonly [string, unknown]> {
  for (const name in record) if (Object.hasOwn(record, name)) yield [name, Reflect.get(record, name)];
}

/** In decimal, or the beginning of a huge one in hexadecimal digits, which take no time to find. */
function digitsOf(value: bigint): string {
  if (value < DECIMAL_MAX && value > -DECIMAL_MAX) return String(value);
  const digits = (value < 0n ? -value : value).toString(16);
  const sign = value < 0n ? '-' : '';
  return `${sign}0x${digits.slice(0, HEX_DIGITS_SHOWN)}${CUT} (${digits.length} hexadecimal digits)`;
}
