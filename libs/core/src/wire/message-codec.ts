/**
 * Messages of the control plane as bytes: a type byte, then the fields in a fixed order. Every value is checked while it
 * is read (W5): what `readMessage` returns has the shape that its type promises, whoever sent the bytes.
 *
 * The order of types below is the wire format of version 1; new types go to the end, under a new version.
 */
import type { Ballot, Incarnation, Message, Roll } from '@nest-cluster/protocol';
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import {
  readClaims,
  readIncarnation,
  readNode,
  writeClaims,
  writeIncarnation,
  writeNode,
} from './node-codec.js';

type Type = Message['type'];

const TYPES: readonly Type[] = [
  'probe',
  'ack',
  'indirectProbe',
  'indirectAck',
  'gossip',
  'sync',
  'refuse',
  'silence',
  'prepare',
  'promise',
  'accept',
  'accepted',
  'reject',
  'release',
  'leading',
  'resigned',
];

/** Incarnations in one list of a roll (W5). */
const LISTED_MAX = 64;
const INCARNATION_BYTES = 16;

const OUTCOMES = ['reached', 'refused', 'silent'] as const;

export function writeMessage(writer: ByteWriter, message: Message): void {
  writer.byte(TYPES.indexOf(message.type));
  switch (message.type) {
    case 'probe':
      writer.uint(message.seq);
      writer.uint(message.digest);
      return writeClaims(writer, message.claims);
    case 'ack':
      writer.uint(message.seq);
      writer.uint(message.digest);
      writer.ms(message.lagMs);
      return writeClaims(writer, message.claims);
    case 'indirectProbe':
      writer.uint(message.seq);
      writeNode(writer, message.target);
      return writeClaims(writer, message.claims);
    case 'indirectAck':
      writer.uint(message.seq);
      writeIncarnation(writer, message.target);
      writer.byte(OUTCOMES.indexOf(message.outcome));
      return writeClaims(writer, message.claims);
    case 'gossip':
      return writeClaims(writer, message.claims);
    case 'sync':
      writer.flag(message.reply);
      return writeClaims(writer, message.claims);
    case 'refuse':
      return writeNode(writer, message.holder);
    case 'silence':
      writer.ms(message.leftMs);
      writer.uint(message.heard.nodes);
      return writer.uint(message.heard.digest);
    case 'prepare':
      writeBallot(writer, message.ballot);
      return writeRoll(writer, message.roll);
    case 'release':
      return writeBallot(writer, message.ballot);
    case 'promise':
      writeBallot(writer, message.ballot);
      return writer.uint(message.tokenMax);
    case 'accept':
      writeBallot(writer, message.ballot);
      writer.uint(message.round);
      writer.uint(message.token);
      writer.ms(message.leaseMs);
      writer.flag(message.leading);
      return writeRoll(writer, message.roll);
    case 'accepted':
      writeBallot(writer, message.ballot);
      return writer.uint(message.round);
    case 'reject':
      writeBallot(writer, message.ballot);
      writer.uint(message.round);
      writer.uint(message.promised);
      writer.uint(message.tokenMax);
      writer.ms(message.blockedMs);
      return writeRoll(writer, message.roll);
    case 'leading':
      writer.uint(message.token);
      return writer.ms(message.leaseMs);
    case 'resigned':
      return writer.uint(message.token);
  }
}

/** Undefined when the type is unknown; otherwise the reader knows whether the message is sound. */
export function readMessage(reader: ByteReader): Message | undefined {
  const type = TYPES[reader.byte()];
  switch (type) {
    case 'probe':
      return { type, seq: reader.uint(), digest: reader.uint(), claims: readClaims(reader) };
    case 'ack':
      return {
        type,
        seq: reader.uint(),
        digest: reader.uint(),
        lagMs: reader.ms(),
        claims: readClaims(reader),
      };
    case 'indirectProbe':
      return { type, seq: reader.uint(), target: readNode(reader), claims: readClaims(reader) };
    case 'indirectAck':
      return {
        type,
        seq: reader.uint(),
        target: readIncarnation(reader),
        outcome: readOutcome(reader),
        claims: readClaims(reader),
      };
    case 'gossip':
      return { type, claims: readClaims(reader) };
    case 'sync':
      return { type, reply: reader.flag(), claims: readClaims(reader) };
    case 'refuse':
      return { type, reason: 'nameTaken', holder: readNode(reader) };
    case 'silence':
      return { type, leftMs: reader.ms(), heard: { nodes: reader.uint(), digest: reader.uint() } };
    case 'prepare':
      return { type, ballot: readBallot(reader), ...readRoll(reader) };
    case 'release':
      return { type, ballot: readBallot(reader) };
    case 'promise':
      return { type, ballot: readBallot(reader), tokenMax: reader.uint() };
    case 'accept':
      return {
        type,
        ballot: readBallot(reader),
        round: reader.uint(),
        token: reader.uint(),
        leaseMs: reader.ms(),
        leading: reader.flag(),
        ...readRoll(reader),
      };
    case 'accepted':
      return { type, ballot: readBallot(reader), round: reader.uint() };
    case 'reject':
      return {
        type,
        ballot: readBallot(reader),
        round: reader.uint(),
        promised: reader.uint(),
        tokenMax: reader.uint(),
        blockedMs: reader.ms(),
        ...readRoll(reader),
      };
    case 'leading':
      return { type, token: reader.uint(), leaseMs: reader.ms() };
    case 'resigned':
      return { type, token: reader.uint() };
    case undefined:
      return undefined;
  }
}

function writeBallot(writer: ByteWriter, ballot: Ballot): void {
  writer.uint(ballot.counter);
  writeIncarnation(writer, ballot.proposer);
}

function readBallot(reader: ByteReader): Ballot {
  return { counter: reader.uint(), proposer: readIncarnation(reader) };
}

function writeRoll(writer: ByteWriter, roll: Roll | undefined): void {
  writer.flag(roll !== undefined);
  if (!roll) return;
  writer.uint(roll.term);
  writer.uint(roll.step);
  writer.uint(roll.nodes);
  writeIncarnations(writer, roll.out);
  writeIncarnations(writer, roll.absent);
  writer.flag(roll.appeal);
}

function readRoll(reader: ByteReader): { roll?: Roll } {
  if (!reader.flag()) return {};
  const [term, step, nodes] = [reader.uint(), reader.uint(), reader.uint()];
  const [out, absent] = [readIncarnations(reader), readIncarnations(reader)];
  return { roll: { term, step, nodes, out, absent, appeal: reader.flag() } };
}

function writeIncarnations(writer: ByteWriter, incarnations: readonly Incarnation[]): void {
  writer.uint(incarnations.length);
  for (const incarnation of incarnations) writeIncarnation(writer, incarnation);
}

function readIncarnations(reader: ByteReader): Incarnation[] {
  const incarnations: Incarnation[] = [];
  for (let left = reader.count(LISTED_MAX, INCARNATION_BYTES); left > 0 && !reader.isFailed; left--) {
    incarnations.push(readIncarnation(reader));
  }
  return incarnations;
}

function readOutcome(reader: ByteReader): (typeof OUTCOMES)[number] {
  const outcome = OUTCOMES[reader.byte()];
  if (!outcome) reader.fail();
  return outcome ?? 'silent';
}
