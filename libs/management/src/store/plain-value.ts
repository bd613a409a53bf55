/**
 * Values of the store as JSON. What JSON cannot say is written as near to it as possible, and the answer tells that it is
 * not exact: writing it back would change the value.
 */

/** Deeper levels are cut off. */
const DEPTH_MAX = 64;

export interface PlainValue {
  readonly value: unknown;
  /** The value is what JSON says it is. */
  readonly exact: boolean;
}

/** @param budget how many characters it may have, about; beyond, undefined */
export function plainValue(value: unknown, budget = Infinity): PlainValue | undefined {
  const writer = new PlainWriter(budget);
  const plain = writer.write(value, 0);
  return writer.isOver ? undefined : { value: plain, exact: writer.exact };
}

class PlainWriter {
  exact = true;

  constructor(private left: number) {}

  get isOver(): boolean {
    return this.left < 0;
  }

  write(value: unknown, depth: number): unknown {
    this.left -= 8;
    if (this.isOver) return null;
    switch (typeof value) {
      case 'string':
        this.left -= value.length;
        return value;
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : this.instead(String(value));
      case 'bigint':
        return this.instead(String(value));
      case 'object':
        return value === null ? null : this.writeObject(value, depth);
      default:
        return this.instead(null);
    }
  }

  private writeObject(value: object, depth: number): unknown {
    if (depth >= DEPTH_MAX) return this.instead('…');
    if (Array.isArray(value)) return this.list(value, depth);
    if (value instanceof Date)
      return this.instead(Number.isNaN(value.getTime()) ? null : value.toISOString());
    if (value instanceof Uint8Array) return this.bytes(value);
    if (value instanceof Map || value instanceof Set) return this.instead(this.list(value, depth));
    // No prototype, so that a key such as __proto__ is a key like any other.
    const plain: Record<string, unknown> = Object.create(null);
    for (const [name, part] of Object.entries(value)) {
      this.left -= name.length + 4;
      if (this.isOver) break;
      plain[name] = this.write(part, depth + 1);
    }
    return plain;
  }

  private list(parts: Iterable<unknown>, depth: number): unknown[] {
    const plain: unknown[] = [];
    for (const part of parts) {
      if (this.isOver) break;
      plain.push(this.write(part, depth + 1));
    }
    return plain;
  }

  private bytes({ buffer, byteOffset, byteLength }: Uint8Array): unknown {
    this.left -= byteLength * 1.4;
    this.exact = false;
    return this.isOver ? null : Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  }

  private instead(plain: unknown): unknown {
    this.exact = false;
    return plain;
  }
}
