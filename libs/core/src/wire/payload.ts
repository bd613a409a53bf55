/**
 * Values that applications send each other, as MessagePack. JSON-like values, `Uint8Array`, `Date` and `bigint` arrive
 * as they were sent; anything else is refused where it is sent.
 *
 * The decoder trusts the lengths that it reads, builds functions from records, and knows extensions that name classes.
 * So bytes are walked first, and reach it only when every length is there, nesting and number of values are bounded,
 * and no extension but those of a date and a large integer occurs (W5).
 */
import { ClusterError } from '@nest-cluster/protocol';
import { Packr } from 'msgpackr';
import { PAYLOAD_DEPTH_MAX, PAYLOAD_ITEMS_MAX } from './limits.js';
import { isSound } from './payload-scan.js';

const packr = new Packr({
  useRecords: false,
  encodeUndefinedAsNil: true,
  copyBuffers: true,
  useBigIntExtension: true,
});

/** Throws `CLUSTER_VALUE_INVALID` for a value that would not arrive as it is. */
export function encodePayload(value: unknown): Uint8Array {
  const wrong = obstacle(value, PAYLOAD_DEPTH_MAX);
  const bytes = wrong === undefined ? packr.pack(value) : undefined;
  if (bytes && isSound(bytes)) return bytes;
  throw new ClusterError(
    'CLUSTER_VALUE_INVALID',
    `the value cannot be sent to another node: it holds ${wrong ?? `more than ${PAYLOAD_ITEMS_MAX} values`}`,
  );
}

/** The value in an array of its own, because it may be null or false; undefined for bytes that hold none. */
export function decodePayload(bytes: Uint8Array): readonly [value: unknown] | undefined {
  if (!isSound(bytes)) return undefined;
  try {
    const value: unknown = packr.unpack(bytes);
    return [value];
  } catch {
    return undefined;
  }
}

/** What keeps this value from being sent; undefined when nothing does. */
function obstacle(value: unknown, depthLeft: number): string | undefined {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null || value instanceof Uint8Array || value instanceof Date) return undefined;
  if (depthLeft === 0) return `itself, or values nested deeper than ${PAYLOAD_DEPTH_MAX}`;
  if (!Array.isArray(value) && !isPlain(value))
    return `${Object.prototype.toString.call(value)}, which is no plain object`;
  for (const item of Object.values(value)) {
    const found = obstacle(item, depthLeft - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Plain objects of other realms count too. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
