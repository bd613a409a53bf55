/**
 * What two nodes say to each other before either is a peer (W6). The dialler speaks first, so that a stranger who only
 * connects learns nothing.
 *
 * A hello starts with a magic number and the range of protocol versions; what follows may grow at its end in later
 * versions, which is why bytes after the known fields are let pass there, and nowhere else.
 */
import type { NodeInfo } from '@nest-cluster/protocol';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { CLUSTER_BYTES_MAX, FEATURE_BYTES_MAX, FEATURES_MAX, REASON_BYTES_MAX } from './limits.js';
import { readNode, writeNode } from './node-codec.js';
import { presentable } from './presentable.js';

export interface Versions {
  readonly min: number;
  readonly max: number;
}

export interface Hello {
  readonly type: 'hello';
  readonly versions: Versions;
  readonly cluster: string;
  /** Abilities beyond the version, by name; both sides use those that both name. */
  readonly features: readonly string[];
  readonly node: NodeInfo;
}

/** Why a peer is turned away, as told to it. */
export type GoodbyeReason = (typeof GOODBYES)[number];

export type HandshakeFrame =
  | Hello
  /** The rest of a hello cannot be read, as its versions are none of ours. */
  | { readonly type: 'foreignHello'; readonly versions: Versions }
  /** "I am willing; the link that I have with you already is this one." 0 for none. */
  | { readonly type: 'ready'; readonly link: number }
  /** "This is our link from now on, under this number." */
  | { readonly type: 'keep'; readonly link: number }
  /** "We have a link already." */
  | { readonly type: 'drop' }
  | { readonly type: 'goodbye'; readonly reason: GoodbyeReason; readonly detail: string };

export const VERSIONS: Versions = { min: 2, max: 2 };

const GOODBYES = ['handshakeInvalid', 'otherCluster', 'otherVersion', 'tooManyLinks', 'self'] as const;
const MAGIC = '6e636c31';
const MAGIC_BYTES = 4;
const VERSION_MAX = 0xffff;
const LINK_MAX = 0xffff_ffff;

const HELLO = 1;
const READY = 2;
const KEEP = 3;
const DROP = 4;
const GOODBYE = 5;

const writer = new ByteWriter();

/** The version that two sides speak; undefined when their ranges do not meet. */
export function commonVersion(ours: Versions, theirs: Versions): number | undefined {
  const version = Math.min(ours.max, theirs.max);
  return version >= Math.max(ours.min, theirs.min) ? version : undefined;
}

export function encodeHandshake(frame: Exclude<HandshakeFrame, { type: 'foreignHello' }>): Uint8Array {
  writer.start();
  switch (frame.type) {
    case 'hello':
      writer.byte(HELLO);
      writeHello(frame);
      break;
    case 'ready':
    case 'keep':
      writer.byte(frame.type === 'ready' ? READY : KEEP);
      writer.uint(frame.link);
      break;
    case 'drop':
      writer.byte(DROP);
      break;
    case 'goodbye':
      writer.byte(GOODBYE);
      writer.byte(GOODBYES.indexOf(frame.reason));
      writer.text(presentable(frame.detail, REASON_BYTES_MAX), REASON_BYTES_MAX);
      break;
  }
  return writer.finish();
}

/** Undefined for anything but one valid frame; never throws. */
export function decodeHandshake(bytes: Uint8Array, ours: Versions): HandshakeFrame | undefined {
  const reader = new ByteReader(bytes);
  switch (reader.byte()) {
    case HELLO:
      return readHello(reader, ours);
    case READY:
      return whole(reader, { type: 'ready', link: reader.uint(LINK_MAX) });
    case KEEP:
      return whole(reader, { type: 'keep', link: reader.uint(LINK_MAX) });
    case DROP:
      return whole(reader, { type: 'drop' });
    case GOODBYE: {
      const reason = GOODBYES[reader.byte()];
      const detail = reader.text(REASON_BYTES_MAX);
      return reason && whole(reader, { type: 'goodbye', reason, detail });
    }
    default:
      return undefined;
  }
}

function whole(reader: ByteReader, frame: HandshakeFrame): HandshakeFrame | undefined {
  return reader.isComplete ? frame : undefined;
}

function writeHello(hello: Hello): void {
  writer.hex(MAGIC, MAGIC_BYTES);
  writer.uint(hello.versions.min);
  writer.uint(hello.versions.max);
  writer.text(hello.cluster, CLUSTER_BYTES_MAX);
  writer.uint(hello.features.length);
  for (const feature of hello.features) writer.text(feature, FEATURE_BYTES_MAX);
  writeNode(writer, hello.node);
}

function readHello(reader: ByteReader, ours: Versions): HandshakeFrame | undefined {
  const magic = reader.hex(MAGIC_BYTES);
  const versions = { min: reader.uint(VERSION_MAX), max: reader.uint(VERSION_MAX) };
  if (magic !== MAGIC || reader.isFailed || versions.min > versions.max) return undefined;
  if (commonVersion(ours, versions) === undefined) return { type: 'foreignHello', versions };

  const cluster = reader.text(CLUSTER_BYTES_MAX);
  const features: string[] = [];
  for (let left = reader.count(FEATURES_MAX, 2); left > 0; left--)
    features.push(reader.text(FEATURE_BYTES_MAX));
  const node = readNode(reader);
  return reader.isFailed ? undefined : { type: 'hello', versions, cluster, features, node };
}
