/**
 * What replicas say to each other, on its way in: the fields of each message, in their order. What `decodeStoreMessage`
 * returns has the shape that its type promises, whoever sent the bytes (W5).
 */
import type { MessageOf, StoreMessage } from '@nest-cluster/protocol';
import { REASON_BYTES_MAX } from './limits.js';
import {
  BUCKETS,
  DECREE_BYTES_MIN,
  DIGESTS,
  KNOWN_DECREE_BYTES_MIN,
  MEETS_MAX,
  MODES,
  PART_BYTES_MIN,
  PARTS_MAX,
  PHASES,
  REFUSALS,
  TEXT_BYTES_MAX,
  TYPES,
  type StoreBounds,
} from './store-format.js';
import { StorePartsReader } from './store-reader-parts.js';

/** Undefined for anything that is not exactly one message within the bounds. */
export function decodeStoreMessage(bytes: Uint8Array, bounds: StoreBounds): StoreMessage | undefined {
  const reader = new StoreReader(bytes, bounds);
  const message = reader.message();
  return reader.isComplete ? message : undefined;
}

class StoreReader extends StorePartsReader {
  message(): StoreMessage | undefined {
    const type = TYPES[this.byte()];
    switch (type) {
      case 'clock':
        return {
          type,
          replicas: this.names(),
          clock: this.clock(),
          ahead: this.digest(),
          phase: this.oneOf(PHASES),
          meets: this.incarnations(MEETS_MAX),
          side: this.replica(),
          apart: this.replicas(),
          decrees: this.list(this.bounds.decreesMax, KNOWN_DECREE_BYTES_MIN, () => this.knownDecree()),
          recovery: this.oneOf(MODES),
          recoveryTime: this.uint(),
          reply: this.flag(),
        };
      case 'deltas':
        return {
          type,
          stream: this.uint(),
          isStart: this.flag(),
          replicas: this.names(),
          context: this.clock(),
          deltas: this.deltas(),
        };
      case 'resume':
        return { type };
      case 'held':
        return { type, generation: this.uint(), counter: this.uint() };
      case 'pull':
        return {
          type,
          session: this.uint(),
          replicas: this.names(),
          clock: this.clock(),
          isBlank: this.flag(),
        };
      case 'digests':
        return {
          type,
          session: this.uint(),
          replicas: this.names(),
          clock: this.clock(),
          ahead: this.digest(),
          digests: this.digests(),
        };
      case 'buckets':
        return { type, session: this.uint(), buckets: this.buckets() };
      case 'recent':
        return {
          type,
          session: this.uint(),
          seq: this.uint(),
          replicas: this.names(),
          states: this.batch(),
          clock: this.flag() ? this.clock() : null,
        };
      case 'chunk':
        return {
          type,
          session: this.uint(),
          seq: this.uint(),
          replicas: this.names(),
          clock: this.clock(),
          parts: this.list(PARTS_MAX, PART_BYTES_MIN, () => this.part()),
          isLast: this.flag(),
        };
      case 'next':
        return { type, session: this.uint(), seq: this.uint() };
      case 'unable':
        return { type, session: this.uint() };
      case 'recovery':
        return { type, mode: this.oneOf(MODES), time: this.uint() };
      case 'choose':
        return {
          type,
          request: this.uint(),
          partition: this.id(),
          choice: this.choice(),
          sides: this.sides(),
        };
      case 'chosen':
        return { type, request: this.uint(), refusal: this.flag() ? this.refusal() : null };
      case 'survey':
        return { type, token: this.uint() };
      case 'surveyed':
        return {
          type,
          token: this.uint(),
          records: this.list(this.bounds.decreesMax, DECREE_BYTES_MIN, () => ({
            ageMs: this.uint(),
            decree: this.decree(),
          })),
        };
      case 'propose':
        return { type, token: this.uint(), decree: this.decree() };
      case 'accepted':
        return { type, token: this.uint(), decree: this.id() };
      case 'decree':
        return { type, decree: this.decree() };
      case 'compare':
        return { type, id: this.uint(), replicas: this.names(), clock: this.clock() };
      case 'comparison':
        return {
          type,
          id: this.uint(),
          replicas: this.names(),
          clock: this.clock(),
          states: this.states(this.bounds.reportKeysMax),
          total: this.uint(),
        };
      case undefined:
        this.fail();
        return undefined;
    }
  }

  private digests(): number[] {
    const digests: number[] = [];
    for (let left = DIGESTS; left > 0 && !this.isFailed; left--) digests.push(this.uint32());
    return digests;
  }

  /** Ascending, so that none is there twice. */
  private buckets(): number[] {
    let least = 0;
    return this.list(BUCKETS, 1, () => {
      const bucket = this.uint(BUCKETS - 1);
      if (bucket < least) this.fail();
      least = bucket + 1;
      return bucket;
    });
  }

  private refusal(): NonNullable<MessageOf<'chosen'>['refusal']> {
    const named = this.text(TEXT_BYTES_MAX);
    const code = REFUSALS.find((refusal) => refusal === named);
    if (code === undefined) this.fail();
    return { code: code ?? REFUSALS[0], reason: this.text(REASON_BYTES_MAX) };
  }
}
