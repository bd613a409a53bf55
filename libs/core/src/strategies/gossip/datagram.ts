/**
 * What a gossip datagram looks like, and who can read it (W4, W5). The header says for whom it is: magic, version, a hash
 * of the cluster's name, the id of the key, the nonce. The body is JSON of at most a kilobyte, sealed with AES-256-GCM under
 * a key derived from the first secret; the header is sealed along. Without a secret the key id is zero and the body open.
 *
 *   0 magic "NCLG"   4 version   5 cluster   13 key id   21 nonce   33 body …   tag (16, sealed only)
 */
import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { StrategyRejection } from '../../ports/cluster-strategy.js';
import { isHost, isPort } from '../../ports/contact-point.js';
import { deriveKey, keyId } from '../../ports/secret.js';

const MAGIC = 'NCLG';
const VERSION = 1;
const CLUSTER_AT = 5;
const KEY_ID_AT = 13;
const NONCE_AT = 21;
const BODY_AT = 33;
const TAG_BYTES = 16;
const BODY_BYTES_MAX = 1_024;
const NAME_LENGTH_MAX = 255;
const CIPHER = 'aes-256-gcm';
const NO_KEY = '0'.repeat(16);

/** Larger datagrams are dropped unread: one fits into a frame of any network. */
export const DATAGRAM_BYTES_MAX = BODY_AT + BODY_BYTES_MAX + TAG_BYTES;

export interface GossipMessage {
  /** `ask`: "I am here, who else?". `here`: "I am here." */
  readonly kind: 'ask' | 'here';
  readonly cluster: string;
  readonly incarnation: string;
  readonly name: string;
  /** Where the sender's control plane is reached; a wildcard host stands for the datagram's own source address. */
  readonly host: string;
  readonly port: number;
  /** Wall clock of the sender, in milliseconds. */
  readonly sent: number;
  /** Grows with every datagram of one incarnation. */
  readonly counter: number;
}

export type Opened =
  { readonly message: GossipMessage } | { readonly reason: StrategyRejection; readonly detail: string };

/** Seals with the first secret, opens with all (W3). */
export class DatagramSeal {
  private readonly clusterHash: Buffer;
  // Created once: Node 24 takes four times as long for a key that is given as bytes on every call.
  private readonly keys = new Map<string, KeyObject>();
  private readonly firstId: string = NO_KEY;

  constructor(
    private readonly cluster: string,
    secrets: readonly string[],
  ) {
    this.clusterHash = createHash('sha256')
      .update(cluster)
      .digest()
      .subarray(0, KEY_ID_AT - CLUSTER_AT);
    const derived = secrets.map((secret) => deriveKey(secret, cluster, 'gossip'));
    for (const key of derived) this.keys.set(keyId(key), createSecretKey(key));
    if (derived[0]) this.firstId = keyId(derived[0]);
  }

  seal(message: GossipMessage): Buffer {
    const header = Buffer.alloc(BODY_AT);
    header.write(MAGIC, 'latin1');
    header[4] = VERSION;
    this.clusterHash.copy(header, CLUSTER_AT);
    header.write(this.firstId, KEY_ID_AT, 'hex');
    const body = Buffer.from(JSON.stringify(message));
    const key = this.keys.get(this.firstId);
    if (!key) return Buffer.concat([header, body]);
    const nonce = randomBytes(BODY_AT - NONCE_AT);
    nonce.copy(header, NONCE_AT);
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(header);
    return Buffer.concat([header, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  }

  open(datagram: Buffer): Opened {
    if (datagram.length <= BODY_AT || datagram.length > DATAGRAM_BYTES_MAX)
      return invalid(`${datagram.length} bytes`);
    if (datagram.toString('latin1', 0, 4) !== MAGIC) return invalid('not a gossip datagram');
    if (datagram[4] !== VERSION) return invalid(`version ${datagram[4]}`);
    if (!this.clusterHash.equals(datagram.subarray(CLUSTER_AT, KEY_ID_AT)))
      return { reason: 'gossipOtherCluster', detail: 'a cluster of another name' };
    const body = this.openBody(datagram);
    if (!Buffer.isBuffer(body)) return body;
    const message = parse(body);
    if (!message) return invalid('the body is not a gossip message');
    if (message.cluster !== this.cluster)
      return { reason: 'gossipOtherCluster', detail: `cluster ${message.cluster}` };
    return { message };
  }

  private openBody(datagram: Buffer): Buffer | Exclude<Opened, { message: GossipMessage }> {
    const id = datagram.toString('hex', KEY_ID_AT, NONCE_AT);
    if (this.keys.size === 0 && id === NO_KEY) return datagram.subarray(BODY_AT);
    const key = this.keys.get(id);
    if (!key) {
      const detail =
        id === NO_KEY
          ? 'not sealed: its sender has no secret'
          : `unknown key ${id}: its sender has another secret`;
      return { reason: 'unknownKey', detail };
    }
    const tagAt = datagram.length - TAG_BYTES;
    if (tagAt < BODY_AT) return invalid(`${datagram.length} bytes`);
    try {
      const decipher = createDecipheriv(CIPHER, key, datagram.subarray(NONCE_AT, BODY_AT), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(datagram.subarray(0, BODY_AT)).setAuthTag(datagram.subarray(tagAt));
      return Buffer.concat([decipher.update(datagram.subarray(BODY_AT, tagAt)), decipher.final()]);
    } catch {
      return { reason: 'gossipForged', detail: 'the seal is broken' };
    }
  }
}

function invalid(detail: string): { reason: StrategyRejection; detail: string } {
  return { reason: 'gossipInvalid', detail };
}

function parse(body: Buffer): GossipMessage | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { kind, cluster, incarnation, name, host, port, sent, counter }: Partial<Record<string, unknown>> = {
    ...parsed,
  };
  if (kind !== 'ask' && kind !== 'here') return undefined;
  if (typeof cluster !== 'string' || !isName(name) || !isHost(host) || !isPort(port)) return undefined;
  if (typeof incarnation !== 'string' || !/^[0-9a-f]{32}$/.test(incarnation)) return undefined;
  if (!isCount(sent) || !isCount(counter)) return undefined;
  return { kind, cluster, incarnation, name, host, port, sent, counter };
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= NAME_LENGTH_MAX;
}

function isCount(count: unknown): count is number {
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0;
}
