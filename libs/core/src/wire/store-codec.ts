/**
 * What replicas say to each other, as bytes: a type byte, then the fields in a fixed order. Every length and every index is
 * checked while it is read (W5): what `decodeStoreMessage` returns has the shape that its type promises. Values are checked,
 * and stay encoded.
 *
 * The order of types below is the wire format of version 1; new types go to the end, under a new version.
 */
import { ClusterError } from '@nest-cluster/protocol';
import type {
  Choice,
  Clock,
  ClockEntry,
  Delta,
  KeyState,
  NodeName,
  Replica,
  StoredValue,
  StoreMessage,
  StoreOptions,
  WireSibling,
} from '@nest-cluster/protocol';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { NAME_BYTES_MAX } from './limits.js';
import { readIncarnation, writeIncarnation } from './node-codec.js';
import { StoreValue } from './store-value.js';
import { isValue } from './value-decoder.js';

/** The bounds that replicas set each other. */
export type StoreBounds = Pick<
  StoreOptions,
  | 'keyBytesMax'
  | 'valueBytesMax'
  | 'batchEntriesMax'
  | 'siblingsMax'
  | 'gapsMax'
  | 'fencedMax'
  | 'reportKeysMax'
>;

/** Replicas whose dots a node has met: past lives included, as long as it lives itself. */
export const REPLICAS_MAX = 65_536;
const SIDES_MAX = 4_096;
const TEXT_BYTES_MAX = 255;

const TYPES: readonly StoreMessage['type'][] = [
  'clock',
  'deltas',
  'held',
  'pull',
  'chunk',
  'next',
  'unable',
  'resolve',
  'recovery',
  'compare',
  'comparison',
];
const MODES = ['automatic', 'manual'] as const;
/** Stands for a value that is there and was left out. */
const LEFT_OUT = 'n';
const REPLICA_BYTES_MIN = 19;

const writer = new ByteWriter();

export function encodeStoreMessage(message: StoreMessage): Uint8Array {
  writer.start().byte(TYPES.indexOf(message.type));
  switch (message.type) {
    case 'clock':
      writeReplicas(message.replicas);
      writer.flag(message.full);
      writeClock(message.clock);
      writeClock(message.floor);
      writer.flag(message.ready);
      writer.uint(message.fenced === null ? 0 : message.fenced + 1);
      writeReplica(message.side);
      writeReplicas(message.apart);
      writer.byte(MODES.indexOf(message.recovery));
      writer.uint(message.recoveryTime);
      writer.flag(message.reply);
      break;
    case 'deltas':
      writeReplicas(message.replicas);
      writer.uint(message.deltas.length);
      for (const delta of message.deltas) writeDelta(delta);
      break;
    case 'held':
      writer.uint(message.generation);
      writer.uint(message.counter);
      break;
    case 'pull':
      writer.uint(message.session);
      writeReplicas(message.replicas);
      writeClock(message.clock);
      break;
    case 'chunk':
      writer.uint(message.session);
      writer.uint(message.seq);
      writeReplicas(message.replicas);
      writeStates(message.states);
      writer.flag(message.whole);
      writer.flag(message.last !== null);
      if (message.last === null) break;
      writeClock(message.last.clock);
      writeClock(message.last.floor);
      writeReplicas(message.last.fenced);
      break;
    case 'next':
      writer.uint(message.session);
      writer.uint(message.seq);
      break;
    case 'unable':
      writer.uint(message.session);
      break;
    case 'resolve':
      writer.utf8(message.partition, TEXT_BYTES_MAX);
      writer.uint(message.time);
      writeChoice(message.choice);
      writer.uint(message.sides.length);
      for (const side of message.sides) writeReplicas(side);
      break;
    case 'recovery':
      writer.byte(MODES.indexOf(message.mode));
      writer.uint(message.time);
      break;
    case 'compare':
      writer.uint(message.id);
      writeReplicas(message.replicas);
      writeClock(message.clock);
      break;
    case 'comparison':
      writer.uint(message.id);
      writeReplicas(message.replicas);
      writeClock(message.clock);
      writeStates(message.states);
      writer.uint(message.total);
      break;
  }
  return writer.finish();
}

/** Undefined for anything that is not exactly one message within the bounds. */
export function decodeStoreMessage(bytes: Uint8Array, bounds: StoreBounds): StoreMessage | undefined {
  const reader = new StoreReader(bytes, bounds);
  const message = reader.message();
  return reader.isComplete ? message : undefined;
}

function writeReplicas(replicas: readonly Replica[]): void {
  writer.uint(replicas.length);
  for (const replica of replicas) writeReplica(replica);
}

function writeReplica({ name, incarnation, generation }: Replica): void {
  writer.text(name, NAME_BYTES_MAX);
  writeIncarnation(writer, incarnation);
  writer.uint(generation);
}

function writeClock(clock: Clock): void {
  writer.uint(clock.length);
  for (const { origin, base, above } of clock) {
    writer.uint(origin);
    writer.uint(base);
    writeNumbers(above);
  }
}

function writeNumbers(numbers: readonly number[] | undefined): void {
  writer.uint(numbers?.length ?? 0);
  for (const number of numbers ?? []) writer.uint(number);
}

/** What is written carries its length plus one; 0 says that nothing is there. */
function writeValue(value: StoredValue | undefined): void {
  if (value === undefined) return writer.uint(0);
  const text = value instanceof StoreValue ? value.text : LEFT_OUT;
  writer.uint(text.length + 1);
  writer.latin1(text);
}

function writeDelta({ counter, key, value, time, expiresAt, seen }: Delta): void {
  writer.uint(counter);
  writer.utf8(key, TEXT_BYTES_MAX * 16);
  writeValue(value);
  writer.uint(time);
  writer.uint(expiresAt);
  writeNumbers(seen);
}

function writeStates(states: readonly KeyState[]): void {
  writer.uint(states.length);
  for (const { key, siblings, seen } of states) {
    writer.utf8(key, TEXT_BYTES_MAX * 16);
    writer.uint(siblings.length);
    for (const { origin, counter, value, time, expiresAt } of siblings) {
      writer.uint(origin);
      writer.uint(counter);
      writeValue(value);
      writer.uint(time);
      writer.uint(expiresAt);
    }
    writeNumbers(seen);
  }
}

function writeChoice(choice: Choice): void {
  writer.flag(choice.kind === 'keep');
  if (choice.kind === 'keep') writeIncarnation(writer, choice.side);
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
          side: this.replica(),
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
    const name = this.text(NAME_BYTES_MAX) as NodeName;
    return { name, incarnation: readIncarnation(this), generation: this.uint() };
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

/** Throws `CLUSTER_KEY_INVALID` for what is no key: text of 1 to `bytesMax` bytes of UTF-8, without half characters (S9). */
export function checkKey(key: unknown, bytesMax: number): asserts key is string {
  if (typeof key !== 'string')
    throw keyInvalid(`a key is a text, and not ${key === null ? 'null' : typeof key}`);
  if (key.length === 0) throw keyInvalid('a key is not empty');
  // Three bytes are the most that one unit of UTF-16 takes.
  if (key.length * 3 > bytesMax) {
    const bytes = Buffer.byteLength(key);
    if (bytes > bytesMax) throw keyInvalid(`a key takes at most ${bytesMax} bytes, and this one ${bytes}`);
  }
  if (HALF.test(key)) throw keyInvalid('a key is well-formed Unicode, and this one holds half a character');
}

const HALF = /\p{Surrogate}/u;

function keyInvalid(rule: string): ClusterError {
  return new ClusterError('CLUSTER_KEY_INVALID', rule);
}
