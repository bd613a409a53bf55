/**
 * How values of the store look as bytes, one tag and then what it says:
 *
 * - `n` null, `u` undefined, `t` true, `f` false
 * - `i` whole number, zigzag in seven bits per byte; `d` any other number, 8 bytes; `b` bigint, hexadecimal digits
 * - `s` text of characters up to U+00FF, a byte each; `w` any text, two bytes each
 * - `a` list, `o` object: pairs of text and value, `m` map, `e` set
 * - `D` date, 8 bytes; `y` bytes
 *
 * The bytes are held in a string of one byte per character: it cannot change, costs 16 bytes more than what it holds, and
 * parts of it are found without a copy.
 */

/** How deep values may be nested. */
export const VALUE_DEPTH_MAX = 64;

/** Largest value that is taken from another node, whatever the limit of this one, in bytes; also the largest limit. */
export const VALUE_BYTES_CAP = 16 * 1024 * 1024;

const scratch = new Float64Array(1);
const scratchBytes = new Uint8Array(scratch.buffer);

export function doubleToText(value: number): string {
  scratch[0] = value;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = scratchBytes;
  return String.fromCharCode(a, b, c, d, e, f, g, h);
}

export function textToDouble(text: string, at: number): number {
  for (let index = 0; index < 8; index++) scratchBytes[index] = text.charCodeAt(at + index);
  return scratch[0] ?? 0;
}

export function uintToText(value: number): string {
  if (value < 0x80) return String.fromCharCode(value);
  let text = '';
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) text += String.fromCharCode((rest % 128) | 0x80);
  return text + String.fromCharCode(rest);
}
