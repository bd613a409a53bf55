/**
 * The bytes of Erlang's port mapper, both sides (Erlang/OTP, "Distribution Protocol", section EPMD Protocol). Requests carry a length of
 * two bytes, replies end with the connection. Whatever does not fit is undefined, never an error (W5).
 */

export const EPMD_PORT = 4_369;
/** Longest name that the daemon takes, in bytes. */
export const NAME_BYTES_MAX = 255;
/** Longest free field beside a registration, in bytes; the daemon takes no full kilobyte. */
export const EXTRA_BYTES_MAX = 1_000;
/** No request is longer, the length's own two bytes included. */
export const REQUEST_BYTES_MAX = 15 + NAME_BYTES_MAX + EXTRA_BYTES_MAX;

const ALIVE2_REQUEST = 120;
const ALIVE2_REPLY = 121;
const ALIVE2_EXTENDED_REPLY = 118;
const PORT_REQUEST = 122;
const PORT_REPLY = 119;
const NAMES_REQUEST = 110;
/** A node that Erlang nodes do not connect to by themselves. */
const HIDDEN_NODE = 72;
const TCP = 0;
const HIGHEST_VERSION = 6;
const LOWEST_VERSION = 5;

/** What the daemon holds under a name. */
export interface Registered {
  readonly name: string;
  readonly port: number;
  readonly type: number;
  readonly protocol: number;
  readonly highest: number;
  readonly lowest: number;
  /** Any bytes; what they mean is between those who wrote and those who read them. */
  readonly extra: Buffer;
}

export type EpmdRequest =
  | { readonly kind: 'alive'; readonly node: Registered }
  | { readonly kind: 'port'; readonly name: string }
  | { readonly kind: 'names' };

export function aliveRequest(name: string, port: number, extra: Buffer): Buffer {
  const node = {
    name,
    port,
    type: HIDDEN_NODE,
    protocol: TCP,
    highest: HIGHEST_VERSION,
    lowest: LOWEST_VERSION,
    extra,
  };
  return request(ALIVE2_REQUEST, nodeFields(node));
}

export function portRequest(name: string): Buffer {
  return request(PORT_REQUEST, Buffer.from(name));
}

export function namesRequest(): Buffer {
  return request(NAMES_REQUEST, Buffer.alloc(0));
}

/** The request at the start of `bytes`; `'more'` while it is incomplete, undefined when it never will be one. */
export function readRequest(bytes: Buffer): EpmdRequest | 'more' | undefined {
  if (bytes.length < 2) return 'more';
  const end = 2 + bytes.readUInt16BE(0);
  if (end > REQUEST_BYTES_MAX || end < 3) return undefined;
  if (bytes.length < end) return 'more';
  const fields = bytes.subarray(3, end);
  switch (bytes[2]) {
    case ALIVE2_REQUEST: {
      const node = readNode(fields);
      return node && { kind: 'alive', node };
    }
    case PORT_REQUEST:
      return { kind: 'port', name: fields.toString() };
    case NAMES_REQUEST:
      return { kind: 'names' };
    default:
      return undefined;
  }
}

/** Nodes since OTP 23 (highest version 6) get four bytes of creation, older ones two. */
export function aliveReply(node: Registered, accepted: boolean, creation: number): Buffer {
  const extended = node.highest >= HIGHEST_VERSION;
  const reply = Buffer.alloc(extended ? 6 : 4);
  reply[0] = extended ? ALIVE2_EXTENDED_REPLY : ALIVE2_REPLY;
  reply[1] = accepted ? 0 : 1;
  if (extended) reply.writeUInt32BE(creation >>> 0, 2);
  else reply.writeUInt16BE(creation & 3, 2);
  return reply;
}

/** Whether the registration was accepted; `'more'` while the reply is incomplete. */
export function readAliveReply(bytes: Buffer): boolean | 'more' | undefined {
  if (bytes.length === 0) return 'more';
  const length = bytes[0] === ALIVE2_EXTENDED_REPLY ? 6 : bytes[0] === ALIVE2_REPLY ? 4 : undefined;
  if (length === undefined) return undefined;
  return bytes.length < length ? 'more' : bytes[1] === 0;
}

export function portReply(node: Registered | undefined): Buffer {
  return node
    ? Buffer.concat([Buffer.from([PORT_REPLY, 0]), nodeFields(node)])
    : Buffer.from([PORT_REPLY, 1]);
}

/** Undefined when nobody has the name, or when this is no such reply. */
export function readPortReply(bytes: Buffer): Registered | undefined {
  return bytes[0] === PORT_REPLY && bytes[1] === 0 ? readNode(bytes.subarray(2)) : undefined;
}

export function namesReply(daemonPort: number, nodes: Iterable<Registered>): Buffer {
  const port = Buffer.alloc(4);
  port.writeUInt32BE(daemonPort);
  const lines = Array.from(nodes, (node) => `name ${node.name} at port ${node.port}\n`);
  return Buffer.concat([port, Buffer.from(lines.join(''))]);
}

/** Undefined when this is no such reply. */
export function readNamesReply(bytes: Buffer): string[] | undefined {
  if (bytes.length < 4) return undefined;
  const lines = bytes.toString('utf8', 4).matchAll(/^name (\S+) at port \d+$/gm);
  return Array.from(lines, ([, name = '']) => name);
}

function request(kind: number, fields: Buffer): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt16BE(1 + fields.length, 0);
  head[2] = kind;
  return Buffer.concat([head, fields]);
}

function nodeFields({ name, port, type, protocol, highest, lowest, extra }: Registered): Buffer {
  const nameBytes = Buffer.from(name);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(port, 0);
  head[2] = type;
  head[3] = protocol;
  head.writeUInt16BE(highest, 4);
  head.writeUInt16BE(lowest, 6);
  head.writeUInt16BE(nameBytes.length, 8);
  const extraLength = Buffer.alloc(2);
  extraLength.writeUInt16BE(extra.length);
  return Buffer.concat([head, nameBytes, extraLength, extra]);
}

function readNode(fields: Buffer): Registered | undefined {
  if (fields.length < 12) return undefined;
  const nameEnd = 10 + fields.readUInt16BE(8);
  if (nameEnd === 10 || nameEnd > 10 + NAME_BYTES_MAX || fields.length < nameEnd + 2) return undefined;
  const extraEnd = nameEnd + 2 + fields.readUInt16BE(nameEnd);
  if (extraEnd - nameEnd - 2 > EXTRA_BYTES_MAX || fields.length < extraEnd) return undefined;
  const name = fields.toString('utf8', 10, nameEnd);
  // The list of names is text with one name a line; one with a blank in it would read as another.
  if (/[\s\p{C}]/u.test(name)) return undefined;
  return {
    name,
    port: fields.readUInt16BE(0),
    type: fields.readUInt8(2),
    protocol: fields.readUInt8(3),
    highest: fields.readUInt16BE(4),
    lowest: fields.readUInt16BE(6),
    extra: Buffer.from(fields.subarray(nameEnd + 2, extraEnd)),
  };
}
