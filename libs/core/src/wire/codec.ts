/**
 * Frames as bytes, and back. The first byte tells what a frame carries: a message of the protocol, or a call of the
 * application and its answer. Encoding throws on values that this node should not have sent; decoding never throws, and
 * answers undefined for anything that is not exactly one valid frame (W5).
 */
import type { Message } from '@nest-cluster/protocol';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { REASON_BYTES_MAX, TOPIC_BYTES_MAX } from './limits.js';
import { readMessage, writeMessage } from './message-codec.js';
import { decodePayload, encodePayload } from './payload.js';
import { presentable } from './presentable.js';

export type Frame =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'request'; readonly id: number; readonly topic: string; readonly body: unknown }
  | { readonly kind: 'response'; readonly id: number; readonly ok: true; readonly body: unknown }
  | { readonly kind: 'response'; readonly id: number; readonly ok: false; readonly error: string };

const MESSAGE = 0;
const REQUEST = 1;
const RESPONSE = 2;
const FAILURE = 3;

const ID_MAX = 0xffff_ffff;

const writer = new ByteWriter();

export function encodeMessage(message: Message): Uint8Array {
  writeMessage(writer.start(), message);
  return writer.finish();
}

export function decodeMessage(bytes: Uint8Array): Message | undefined {
  const reader = new ByteReader(bytes);
  const message = readMessage(reader);
  return reader.isComplete ? message : undefined;
}

/** Throws `CLUSTER_VALUE_INVALID` for a body that holds more than plain values. */
export function encodeFrame(frame: Frame): Uint8Array {
  switch (frame.kind) {
    case 'message':
      writer.start().byte(MESSAGE);
      writeMessage(writer, frame.message);
      break;
    case 'request': {
      const body = encodePayload(frame.body);
      writer.start().byte(REQUEST);
      writer.uint(frame.id);
      writer.text(frame.topic, TOPIC_BYTES_MAX);
      writer.rest(body);
      break;
    }
    case 'response': {
      const body = frame.ok ? encodePayload(frame.body) : undefined;
      writer.start().byte(body ? RESPONSE : FAILURE);
      writer.uint(frame.id);
      if (body) writer.rest(body);
      else if (!frame.ok) writer.text(presentable(frame.error, REASON_BYTES_MAX), REASON_BYTES_MAX);
      break;
    }
  }
  return writer.finish();
}

export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  const reader = new ByteReader(bytes);
  const frame = readFrame(reader);
  return reader.isComplete ? frame : undefined;
}

function readFrame(reader: ByteReader): Frame | undefined {
  switch (reader.byte()) {
    case MESSAGE: {
      const message = readMessage(reader);
      return message && { kind: 'message', message };
    }
    case REQUEST: {
      const id = reader.uint(ID_MAX);
      const topic = reader.text(TOPIC_BYTES_MAX);
      const body = readBody(reader);
      return body && { kind: 'request', id, topic, body: body[0] };
    }
    case RESPONSE: {
      const id = reader.uint(ID_MAX);
      const body = readBody(reader);
      return body && { kind: 'response', id, ok: true, body: body[0] };
    }
    case FAILURE:
      return { kind: 'response', id: reader.uint(ID_MAX), ok: false, error: reader.text(REASON_BYTES_MAX) };
    default:
      return undefined;
  }
}

function readBody(reader: ByteReader): readonly [value: unknown] | undefined {
  return reader.isFailed ? undefined : decodePayload(reader.rest());
}
