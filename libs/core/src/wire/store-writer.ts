/**
 * What replicas say to each other, on its way out: a type byte, then the fields in a fixed order. Values are encoded already.
 */
import type {
  Choice,
  Clock,
  Delta,
  KeyState,
  Replica,
  StoredValue,
  StoreMessage,
} from '@nest-cluster/protocol';
import { ByteWriter } from './byte-writer.js';
import { NAME_BYTES_MAX } from './limits.js';
import { writeIncarnation } from './node-codec.js';
import { LEFT_OUT, MODES, TEXT_BYTES_MAX, TYPES } from './store-format.js';
import { StoreValue } from './store-value.js';

/** More than any key takes; the data plane has checked it. */
const KEY_BYTES_MAX = 4_096;

const writer = new ByteWriter();
/** Of a replica that was written before: it stands in every message. */
const replicaBytes = new WeakMap<Replica, Uint8Array>();

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
      writer.flag(message.chosen);
      writeReplica(message.side);
      writer.flag(message.quorum);
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
      writer.flag(message.first !== null);
      if (message.first !== null) {
        writeClock(message.first.settled);
        writeNumbers(message.first.roster);
      }
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

function writeReplicas(replicas: readonly Replica[]): void {
  writer.uint(replicas.length);
  for (const replica of replicas) writeReplica(replica);
}

function writeReplica(replica: Replica): void {
  let bytes = replicaBytes.get(replica);
  if (bytes === undefined) {
    const alone = new ByteWriter().start();
    alone.text(replica.name, NAME_BYTES_MAX);
    writeIncarnation(alone, replica.incarnation);
    alone.uint(replica.generation);
    replicaBytes.set(replica, (bytes = alone.finish()));
  }
  writer.rest(bytes);
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
  writer.utf8(key, KEY_BYTES_MAX);
  writeValue(value);
  writer.uint(time);
  writer.uint(expiresAt);
  writeNumbers(seen);
}

function writeStates(states: readonly KeyState[]): void {
  writer.uint(states.length);
  for (const { key, siblings, seen } of states) {
    writer.utf8(key, KEY_BYTES_MAX);
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
