/**
 * What messages of the store are made of, on its way out. Values are encoded already.
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
  Replica,
  StoredValue,
} from '@nest-cluster/protocol';
import { ByteWriter } from './byte-writer.js';
import { NAME_BYTES_MAX } from './limits.js';
import { writeIncarnation } from './node-codec.js';
import { DECREE_STATES, LEFT_OUT, TEXT_BYTES_MAX } from './store-format.js';
import { StoreValue } from './store-value.js';

/** More than any key takes; the data plane has checked it. */
const KEY_BYTES_MAX = 4_096;

/** Of a replica that was written before: it stands in every message. */
const replicaBytes = new WeakMap<Replica, Uint8Array>();

export class StorePartsWriter extends ByteWriter {
  protected list<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.uint(items.length);
    for (const item of items) write(item);
  }

  protected id(id: string): void {
    this.text(id, TEXT_BYTES_MAX);
  }

  protected incarnations(incarnations: readonly Incarnation[]): void {
    this.list(incarnations, (incarnation) => writeIncarnation(this, incarnation));
  }

  protected replicas(replicas: readonly Replica[]): void {
    this.list(replicas, (replica) => this.replica(replica));
  }

  protected replica(replica: Replica): void {
    let bytes = replicaBytes.get(replica);
    if (bytes === undefined) {
      const alone = new ByteWriter().start();
      alone.text(replica.name, NAME_BYTES_MAX);
      writeIncarnation(alone, replica.incarnation);
      alone.uint(replica.generation);
      replicaBytes.set(replica, (bytes = alone.finish()));
    }
    this.rest(bytes);
  }

  protected clock(clock: Clock): void {
    this.uint(clock.length);
    for (const { origin, counter } of clock) {
      this.uint(origin);
      this.uint(counter);
    }
  }

  protected delta({ counter, key, value, time, expiresAt, beyond }: Delta): void {
    this.uint(counter);
    this.utf8(key, KEY_BYTES_MAX);
    this.value(value);
    this.uint(time);
    this.uint(expiresAt);
    this.pairs(beyond ?? []);
  }

  protected states(states: readonly KeyState[]): void {
    this.uint(states.length);
    for (const { key, siblings } of states) {
      this.utf8(key, KEY_BYTES_MAX);
      this.uint(siblings.length);
      for (const { origin, counter, value, time, expiresAt } of siblings) {
        this.uint(origin);
        this.uint(counter);
        this.value(value);
        this.uint(time);
        this.uint(expiresAt);
      }
    }
  }

  protected part({ bucket, states, dots, beyond, isLast }: BucketPart): void {
    this.uint(bucket);
    this.states(states);
    this.flag(dots !== null);
    if (dots !== null) this.pairs(dots);
    this.pairs(beyond ?? []);
    this.flag(isLast);
  }

  protected choice(choice: Choice): void {
    this.flag(choice.kind === 'keep');
    if (choice.kind === 'keep') writeIncarnation(this, choice.side);
  }

  protected sides(sides: readonly (readonly Replica[])[]): void {
    this.list(sides, (side) => this.replicas(side));
  }

  protected decree({ id, token, partition, choice, sides, voided }: Decree): void {
    this.id(id);
    this.uint(token);
    this.id(partition);
    this.choice(choice);
    this.sides(sides);
    this.list(voided, ({ replica, counter }) => {
      this.replica(replica);
      this.uint(counter);
    });
  }

  protected knownDecree({ id, state }: KnownDecree): void {
    this.id(id);
    this.byte(DECREE_STATES.indexOf(state));
  }

  /** Origin, counter, origin, counter… Half of their number is no whole number when one is alone: that throws. */
  private pairs(pairs: readonly number[]): void {
    this.uint(pairs.length / 2);
    for (const number of pairs) this.uint(number);
  }

  /** No value is empty, so that nothing stands for none. */
  private value(value: StoredValue | undefined): void {
    if (value === undefined) return this.uint(0);
    const text = value instanceof StoreValue ? value.text : LEFT_OUT;
    this.uint(text.length);
    this.latin1(text);
  }
}
