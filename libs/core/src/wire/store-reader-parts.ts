/**
 * What messages of the store are made of, on its way in. Every length and every index is checked while it is read (W5).
 * Values are checked, and stay encoded.
 */
import type {
  BucketPart,
  Choice,
  Clock,
  Decree,
  Delta,
  Incarnation,
  KeyState,
  KnownDecree,
  NodeName,
  Replica,
  WireSibling,
} from '@nest-cluster/protocol';
import { ByteReader } from './byte-reader.js';
import { NAME_BYTES_MAX } from './limits.js';
import { readIncarnation } from './node-codec.js';
import {
  BUCKETS,
  CLOCK_ENTRY_BYTES_MIN,
  DECREE_STATES,
  DELTA_BYTES_MIN,
  DOTS_MAX,
  INCARNATION_BYTES,
  LEFT_OUT,
  PAIR_BYTES_MIN,
  REPLICA_BYTES_MIN,
  REPLICAS_MAX,
  SIBLING_BYTES_MIN,
  SIBLINGS_EXCESS,
  SIDES_MAX,
  STATE_BYTES_MIN,
  TEXT_BYTES_MAX,
  VOIDED_BYTES_MIN,
  type StoreBounds,
} from './store-format.js';
import { StoreValue } from './store-value.js';
import { isValue } from './value-decoder.js';

/** Bytes of a replica beside its name, when its length and its generation take one each. */
const REPLICA_BYTES_BESIDE = 18;
const REPLICAS_KNOWN_MAX = 1_024;
const UINT32_MAX = 0xffff_ffff;
/** What a failed reader answers with. */
const NO_VALUE = new StoreValue(LEFT_OUT);

/** Replicas that were read before, by their bytes: the same few stand in every message. */
const replicasKnown = new Map<string, Replica>();

export class StorePartsReader extends ByteReader {
  /** Replicas of this message; every origin in it is an index into them. */
  private named = 0;
  /** Keys that this message may still bring. */
  private keysLeft: number;

  constructor(
    bytes: Uint8Array,
    protected readonly bounds: StoreBounds,
  ) {
    super(bytes);
    this.keysLeft = bounds.batchEntriesMax;
  }

  protected list<Item>(max: number, bytesEach: number, read: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.count(max, bytesEach); left > 0 && !this.isFailed; left--) items.push(read());
    return items;
  }

  protected oneOf<const Item>(items: readonly [Item, ...Item[]]): Item {
    const item = items[this.byte()];
    if (item === undefined) this.fail();
    return item ?? items[0];
  }

  protected id(): string {
    return this.text(TEXT_BYTES_MAX);
  }

  protected digest(): number {
    return this.uint(UINT32_MAX);
  }

  protected incarnations(max: number): Incarnation[] {
    return this.list(max, INCARNATION_BYTES, () => readIncarnation(this));
  }

  /** The replicas of this message. */
  protected names(): Replica[] {
    const replicas = this.replicas();
    this.named = replicas.length;
    return replicas;
  }

  protected replicas(): Replica[] {
    return this.list(REPLICAS_MAX, REPLICA_BYTES_MIN, () => this.replica());
  }

  protected replica(): Replica {
    const bytes = this.ahead(REPLICA_BYTES_BESIDE);
    const known = replicasKnown.get(bytes);
    if (known !== undefined) {
      this.skip(bytes.length);
      return known;
    }
    const begin = this.taken;
    const name = this.text(NAME_BYTES_MAX) as NodeName;
    const replica = { name, incarnation: readIncarnation(this), generation: this.uint() };
    if (this.isFailed || this.taken - begin !== bytes.length) return replica;
    if (replicasKnown.size >= REPLICAS_KNOWN_MAX) replicasKnown.clear();
    replicasKnown.set(bytes, replica);
    return replica;
  }

  protected clock(): Clock {
    return this.list(REPLICAS_MAX, CLOCK_ENTRY_BYTES_MIN, () => ({
      origin: this.origin(),
      counter: this.uint(),
    }));
  }

  protected delta(): Delta {
    return {
      counter: this.positive(),
      key: this.utf8(this.bounds.keyBytesMax),
      value: this.value(),
      time: this.uint(),
      expiresAt: this.uint(),
      beyond: this.beyond(),
    };
  }

  protected deltas(): Delta[] {
    return this.list(this.bounds.batchEntriesMax, DELTA_BYTES_MIN, () => this.delta());
  }

  /** States of a batch, which may come in several parts. */
  protected batch(): KeyState[] {
    const states = this.states(this.keysLeft);
    this.keysLeft -= states.length;
    return states;
  }

  protected states(max: number): KeyState[] {
    return this.list(max, STATE_BYTES_MIN, () => ({
      key: this.utf8(this.bounds.keyBytesMax),
      siblings: this.list(this.bounds.siblingsMax * SIBLINGS_EXCESS, SIBLING_BYTES_MIN, () => this.sibling()),
    }));
  }

  protected part(): BucketPart {
    return {
      bucket: this.uint(BUCKETS - 1),
      states: this.batch(),
      dots: this.flag() ? this.pairs(DOTS_MAX) : null,
      beyond: this.beyond(),
      isLast: this.flag(),
    };
  }

  protected choice(): Choice {
    return this.flag() ? { kind: 'keep', side: readIncarnation(this) } : { kind: 'merge' };
  }

  protected sides(): Replica[][] {
    return this.list(SIDES_MAX, 1, () => this.replicas());
  }

  protected decree(): Decree {
    return {
      id: this.id(),
      token: this.uint(),
      partition: this.id(),
      choice: this.choice(),
      sides: this.sides(),
      voided: this.list(REPLICAS_MAX, VOIDED_BYTES_MIN, () => ({
        replica: this.replica(),
        counter: this.uint(),
      })),
    };
  }

  protected knownDecree(): KnownDecree {
    return { id: this.id(), state: this.oneOf(DECREE_STATES) };
  }

  private origin(): number {
    const origin = this.uint();
    if (origin >= this.named) this.fail();
    return origin;
  }

  private positive(): number {
    const value = this.uint();
    if (value === 0) this.fail();
    return value;
  }

  /** Origin, counter, origin, counter… */
  private pairs(max: number): number[] {
    const pairs: number[] = [];
    for (let left = this.count(max, PAIR_BYTES_MIN); left > 0 && !this.isFailed; left--)
      pairs.push(this.origin(), this.uint());
    return pairs;
  }

  private beyond(): readonly number[] | undefined {
    const pairs = this.pairs(REPLICAS_MAX);
    return pairs.length === 0 ? undefined : pairs;
  }

  /** No value is empty, so that nothing stands for none. */
  private value(): StoreValue | undefined {
    const length = this.uint(this.bounds.valueBytesMax);
    if (length === 0) return undefined;
    const text = this.latin1(length);
    if (this.isFailed) return undefined;
    if (!isValue(text)) this.fail();
    return new StoreValue(text);
  }

  private sibling(): WireSibling {
    return {
      origin: this.origin(),
      counter: this.positive(),
      value: this.someValue(),
      time: this.uint(),
      expiresAt: this.uint(),
    };
  }

  private someValue(): StoreValue {
    const value = this.value();
    if (value === undefined) this.fail();
    return value ?? NO_VALUE;
  }
}
