/**
 * Messages of the control plane as bytes: a type byte, then the fields in a fixed order. Every value is checked while it
 * is read (W5): what `readMessage` returns has the shape that its type promises, whoever sent the bytes.
 *
 * The order of types below is the wire format of version 1; new types go to the end, under a new version.
 */
import type { Ballot, Message } from '@nest-cluster/protocol';
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
  'fresh',
  'prepare',
  'promise',
  'accept',
  'accepted',
  'reject',
  'release',
  'leading',
  'resigned',
];

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
    case 'fresh':
      return;
    case 'prepare':
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
      return writer.flag(message.leading);
    case 'accepted':
      writeBallot(writer, message.ballot);
      return writer.uint(message.round);
    case 'reject':
      writeBallot(writer, message.ballot);
      writer.uint(message.round);
      writer.uint(message.promised);
      writer.uint(message.tokenMax);
      return writer.ms(message.blockedMs);
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
    case 'fresh':
      return { type };
    case 'prepare':
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

function readOutcome(reader: ByteReader): (typeof OUTCOMES)[number] {
  const outcome = OUTCOMES[reader.byte()];
  if (!outcome) reader.fail();
  return outcome ?? 'silent';
}
