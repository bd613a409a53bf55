/**
 * What nodes say about themselves and about each other, as bytes: part of the handshake and of most messages. An
 * incarnation takes its 16 bytes, everything else the bytes that its value needs.
 */
import type { Address, Claim, Incarnation, NodeInfo, NodeName } from '@nest-cluster/protocol';
import { ClusterError } from '@nest-cluster/protocol';
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { KnownNodes } from './known-nodes.js';
import { ADDRESS_BYTES_MAX, CLAIMS_MAX, NAME_BYTES_MAX } from './limits.js';

const INCARNATION_BYTES = 16;
/** Kind, version, and a node with a name and an address of one byte each. */
const CLAIM_BYTES_MIN = 41;
const PORT_MAX = 65_535;
const nodes = new KnownNodes();
const KINDS = ['alive', 'suspect', 'dead', 'left'] as const;

export function writeIncarnation(writer: ByteWriter, incarnation: Incarnation): void {
  writer.hex(incarnation, INCARNATION_BYTES);
}

export function readIncarnation(reader: ByteReader): Incarnation {
  return reader.hex(INCARNATION_BYTES) as Incarnation;
}

export function writeNode(writer: ByteWriter, node: NodeInfo): void {
  const known = nodes.bytesOf(node);
  if (known) return writer.rest(known);
  const start = writer.written;
  writer.text(node.name, NAME_BYTES_MAX);
  writeIncarnation(writer, node.incarnation);
  writer.text(node.address, ADDRESS_BYTES_MAX);
  writer.uint(node.dataPort);
  writer.ms(node.startedAt);
  writer.number(node.priority);
  nodes.wrote(node, writer.since(start));
}

/** The same bytes give the same object, which is frozen. */
export function readNode(reader: ByteReader): NodeInfo {
  const known = nodes.take(reader);
  if (known) return known;
  const [start, glance] = [reader.taken, reader.glance()];
  const node: NodeInfo = {
    name: reader.text(NAME_BYTES_MAX) as NodeName,
    incarnation: readIncarnation(reader),
    address: reader.text(ADDRESS_BYTES_MAX) as Address,
    dataPort: reader.uint(PORT_MAX),
    startedAt: reader.ms(),
    priority: reader.number(),
  };
  return reader.isFailed ? node : nodes.learn(glance, reader.since(start), node);
}

export function writeClaims(writer: ByteWriter, claims: readonly Claim[]): void {
  if (claims.length > CLAIMS_MAX)
    throw new ClusterError('CLUSTER_INVARIANT_BROKEN', `cannot be sent: ${claims.length} claims`);
  writer.uint(claims.length);
  for (const claim of claims) writeClaim(writer, claim);
}

export function readClaims(reader: ByteReader): Claim[] {
  const claims: Claim[] = [];
  for (let left = reader.count(CLAIMS_MAX, CLAIM_BYTES_MIN); left > 0 && !reader.isFailed; left--) {
    const claim = readClaim(reader);
    if (claim) claims.push(claim);
  }
  return claims;
}

function writeClaim(writer: ByteWriter, claim: Claim): void {
  writer.byte(KINDS.indexOf(claim.kind));
  writeNode(writer, claim.node);
  writer.uint(claim.version);
  if (claim.kind === 'alive') writer.flag(claim.degraded);
  else if (claim.kind === 'suspect') writeIncarnation(writer, claim.by);
}

function readClaim(reader: ByteReader): Claim | undefined {
  const kind = KINDS[reader.byte()];
  const node = readNode(reader);
  const version = reader.uint();
  switch (kind) {
    case 'alive':
      return { kind, node, version, degraded: reader.flag() };
    case 'suspect':
      return { kind, node, version, by: readIncarnation(reader) };
    case 'dead':
    case 'left':
      return { kind, node, version };
    case undefined:
      reader.fail();
      return undefined;
  }
}
