/**
 * What replicas say to each other, on its way in. Every length and every index is checked while it is read (W5): what
 * `decodeStoreMessage` returns has the shape that its type promises. Values are checked, and stay encoded.
 */
import type {
  Choice,
  Clock,
  ClockEntry,
  Delta,
  KeyState,
  NodeName,
  Replica,
  StoreMessage,
  WireSibling,
} from '@nest-cluster/protocol';
import { ByteReader } from './byte-reader.js';
import { NAME_BYTES_MAX } from './limits.js';
import { readIncarnation } from './node-codec.js';
import {
  MODES,
  REPLICA_BYTES_MIN,
  REPLICAS_MAX,
  SIDES_MAX,
  TEXT_BYTES_MAX,
  TYPES,
  type StoreBounds,
} from './store-format.js';
import { StoreValue } from './store-value.js';
import { isValue } from './value-decoder.js';

/** Bytes of a replica beside its name, when its length and its generation take one each. */
const REPLICA_BYTES_BESIDE = 18;
const REPLICAS_KNOWN_MAX = 1_024;
/** One more is written where there may be none. */
const GENERATION_MAX = Number.MAX_SAFE_INTEGER - 1;

/** Replicas that were read before, by their bytes: the same few stand in every message. */
const replicasKnown = new Map<string, Replica>();

/** Undefined for anything that is not exactly one message within the bounds. */
export function decodeStoreMessage(bytes: Uint8Array, bounds: StoreBounds): StoreMessage | undefined {
  const reader = new StoreReader(bytes, bounds);
  const message = reader.message();
  return reader.isComplete ? message : undefined;
}

class StoreReader extends ByteReader {
  /** Replicas of this message; every origin in it is an index into them. */
  private named = 0;

  constructor(
    bytes: Uint8Array,
    private readonly bounds: StoreBounds,
  ) {
    super(bytes);
  }

  message(): StoreMessage | undefined {
    const type = TYPES[this.byte()];
    switch (type) {
      case 'clock':
        return {
          type,
          replicas: this.names(),
          full: this.flag(),
          clock: this.clock(),
          floor: this.clock(),
          ready: this.flag(),
          fenced: this.optional(),
          chosen: this.flag(),
          side: this.replica(),
          quorum: this.flag(),
          apart: this.replicas(),
          recovery: this.mode(),
          recoveryTime: this.uint(),
          reply: this.flag(),
        };
      case 'deltas':
        return {
          type,
          replicas: this.names(),
          deltas: this.list(this.bounds.batchEntriesMax, 6, () => this.delta()),
        };
      case 'held':
        return { type, generation: this.uint(), counter: this.uint() };
      case 'pull':
        return { type, session: this.uint(), replicas: this.names(), clock: this.clock() };
      case 'chunk':
        return {
          type,
          session: this.uint(),
          seq: this.uint(),
          replicas: this.names(),
          states: this.states(this.bounds.batchEntriesMax),
          whole: this.flag(),
          first: this.flag()
            ? { settled: this.clock(), roster: this.list(REPLICAS_MAX, 1, () => this.origin()) }
            : null,
          last: this.flag()
            ? {
                clock: this.clock(),
                floor: this.clock(),
                fenced: this.replicas(this.bounds.fencedMax),
              }
            : null,
        };
      case 'next':
        return { type, session: this.uint(), seq: this.uint() };
      case 'unable':
        return { type, session: this.uint() };
      case 'resolve':
        return {
          type,
          partition: this.utf8(TEXT_BYTES_MAX),
          time: this.uint(),
          choice: this.choice(),
          sides: this.list(SIDES_MAX, 1, () => this.replicas()),
        };
      case 'recovery':
        return { type, mode: this.mode(), time: this.uint() };
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

  private list<Item>(max: number, bytesEach: number, read: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.count(max, bytesEach); left > 0 && !this.isFailed; left--) items.push(read());
    return items;
  }

  private names(): Replica[] {
    const replicas = this.replicas();
    this.named = replicas.length;
    return replicas;
  }

  private replicas(max = REPLICAS_MAX): Replica[] {
    return this.list(max, REPLICA_BYTES_MIN, () => this.replica());
  }

  private replica(): Replica {
    const bytes = this.ahead(REPLICA_BYTES_BESIDE);
    const known = replicasKnown.get(bytes);
    if (known !== undefined) {
      this.skip(bytes.length);
      return known;
    }
    const begin = this.taken;
    const name = this.text(NAME_BYTES_MAX) as NodeName;
    const replica = { name, incarnation: readIncarnation(this), generation: this.uint(GENERATION_MAX) };
    if (this.isFailed || this.taken - begin !== bytes.length) return replica;
    if (replicasKnown.size >= REPLICAS_KNOWN_MAX) replicasKnown.clear();
    replicasKnown.set(bytes, replica);
    return replica;
  }

  private origin(): number {
    const origin = this.uint();
    if (origin >= this.named) this.fail();
    return origin;
  }

  private clock(): Clock {
    return this.list(REPLICAS_MAX, 3, () => this.clockEntry());
  }

  /** Ranges are whole and ascending, and do not touch what is before them. */
  private clockEntry(): ClockEntry {
    const origin = this.origin();
    const base = this.uint();
    const above = this.list(4 * this.bounds.gapsMax, 1, () => this.uint());
    let last = base;
    for (let at = 0; at < above.length; at += 2) {
      const [from = 0, to = 0] = [above[at], above[at + 1]];
      if (from < last + 2 || to < from) this.fail();
      last = to;
    }
    return { origin, base, above };
  }

  /** Pairs of origin and counter. */
  private pairs(): readonly number[] | undefined {
    const count = this.count(2 * REPLICAS_MAX, 1);
    if (count === 0) return undefined;
    if (count % 2 !== 0) this.fail();
    const pairs: number[] = [];
    for (let left = count; left > 0 && !this.isFailed; left -= 2) pairs.push(this.origin(), this.uint());
    return pairs;
  }

  private value(): StoreValue | undefined {
    const length = this.uint(this.bounds.valueBytesMax + 1);
    if (length === 0) return undefined;
    const text = this.latin1(length - 1);
    if (this.isFailed) return undefined;
    if (!isValue(text)) this.fail();
    return new StoreValue(text);
  }

  private delta(): Delta {
    return {
      counter: this.positive(),
      key: this.utf8(this.bounds.keyBytesMax),
      value: this.value(),
      time: this.uint(),
      expiresAt: this.uint(),
      seen: this.pairs(),
    };
  }

  private states(max: number): KeyState[] {
    return this.list(max, 3, () => {
      const key = this.utf8(this.bounds.keyBytesMax);
      const siblings = this.list(this.bounds.siblingsMax, 5, () => this.sibling());
      return { key, siblings, seen: this.pairs() };
    });
  }

  private sibling(): WireSibling {
    return {
      origin: this.origin(),
      counter: this.positive(),
      value: this.value(),
      time: this.uint(),
      expiresAt: this.uint(),
    };
  }

  private positive(): number {
    const value = this.uint();
    if (value === 0) this.fail();
    return value;
  }

  private optional(): number | null {
    const value = this.uint();
    return value === 0 ? null : value - 1;
  }

  private mode(): 'automatic' | 'manual' {
    const mode = MODES[this.byte()];
    if (mode === undefined) this.fail();
    return mode ?? 'automatic';
  }

  private choice(): Choice {
    return this.flag() ? { kind: 'keep', side: readIncarnation(this) } : { kind: 'merge' };
  }
}
