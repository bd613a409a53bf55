/**
 * How a link proves who is at either end (W1), with Node's TLS alone. From a secret: TLS 1.3 with a pre-shared key and
 * an ephemeral exchange, so that both sides prove the secret and a stolen one opens no recorded traffic. From
 * certificates: mutual TLS 1.3. Or plain, which is for loopback.
 */
import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Socket } from 'node:net';
import { ClusterError } from '@nest-cluster/protocol';
import { deriveKey, keyId } from '../ports/secret.js';
import type { RejectReason } from '../ports/transport.js';
import { tlsFault } from './tls-fault.js';

export type LinkSecurity =
  /** Secrets of the cluster: the first is offered first, all are accepted (W3). */
  | { readonly kind: 'psk'; readonly secrets: readonly string[] }
  /**
   * PEM texts. Whoever holds a certificate of `ca` is a node of the cluster, whatever name stands in it: addresses of
   * nodes change. So the authority must be the cluster's own, never a public one.
   */
  | { readonly kind: 'certificates'; readonly ca: string; readonly cert: string; readonly key: string }
  | { readonly kind: 'plain' };

/** Both ends of the proof, for one node. */
export interface Securer {
  readonly kind: LinkSecurity['kind'];
  /** How many keys a dialler can try, one connection each. */
  readonly attempts: number;
  /** Turns accepted connections into proved ones; undefined when links are plain. Never listens by itself. */
  readonly server: Server | undefined;
  /** Starts the proof on an open connection; undefined when links are plain. */
  connect(socket: Socket, attempt: number): TLSSocket | undefined;
  /** What is wrong with a connection on which TLS itself has nothing to complain about. */
  objection(socket: TLSSocket): RejectReason | undefined;
  /** What the client of a connection that failed had shown, if it is known. */
  shown(socket: TLSSocket): RejectReason | undefined;
  /** What made TLS fail; undefined when the connection broke for a reason that has nothing to do with it. */
  fault(error: Error): RejectReason | undefined;
}

/** The one suite that a pre-shared key of Node goes with in every version, and that is fast. */
const PSK_SUITE = 'TLS_AES_128_GCM_SHA256';
const VERSION = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;

export function createSecurer(security: LinkSecurity, cluster: string): Securer {
  switch (security.kind) {
    case 'psk':
      return new SecretSecurer(security.secrets, cluster);
    case 'certificates':
      return new CertificateSecurer(security);
    case 'plain':
      return PLAIN;
  }
}

const PLAIN: Securer = {
  kind: 'plain',
  attempts: 1,
  server: undefined,
  connect: () => undefined,
  objection: () => undefined,
  shown: () => undefined,
  fault: () => undefined,
};

interface NamedKey {
  readonly identity: string;
  readonly psk: Buffer;
}

class SecretSecurer implements Securer {
  readonly kind = 'psk';
  readonly server: Server;
  private readonly keys: readonly NamedKey[];
  private readonly tag: string;
  private readonly refused = new WeakMap<TLSSocket, RejectReason>();

  constructor(secrets: readonly string[], cluster: string) {
    if (secrets.length === 0)
      throw new ClusterError(
        'CLUSTER_OPTIONS_INVALID',
        'links are to be proved by a secret, and there is none',
      );
    this.tag = createHash('sha256').update('nest-cluster name').update(cluster).digest('hex').slice(0, 16);
    this.keys = secrets.map((secret) => {
      const psk = deriveKey(secret, cluster, 'link');
      return { identity: `${this.tag}.${keyId(psk)}`, psk };
    });
    const pskCallback: TlsOptions['pskCallback'] = (socket, identity) => this.find(socket, identity);
    this.server = createServer({ ...VERSION, ciphers: PSK_SUITE, pskCallback });
  }

  get attempts(): number {
    return this.keys.length;
  }

  connect(socket: Socket, attempt: number): TLSSocket {
    const key = this.keys[attempt] ?? null;
    return connect({
      ...VERSION,
      socket,
      ciphers: PSK_SUITE,
      pskCallback: () => key,
      // A server that shows a certificate instead of proving the key would pass, if its certificate did: no
      // authority is trusted here, and no certificate fits.
      ca: [],
      checkServerIdentity: () => new Error('a certificate is no proof of the secret'),
    });
  }

  /** With a pre-shared key, and only then, TLS 1.3 counts the session as resumed; no session of ours is ever saved. */
  objection(socket: TLSSocket): RejectReason | undefined {
    return socket.isSessionReused() ? undefined : 'unknownKey';
  }

  shown(socket: TLSSocket): RejectReason | undefined {
    return this.refused.get(socket);
  }

  fault(error: Error): RejectReason | undefined {
    return tlsFault(error, 'psk');
  }

  private find(socket: TLSSocket, identity: string): Buffer | null {
    const found = this.keys.find((key) => key.identity === identity);
    if (!found) this.refused.set(socket, this.isOurs(identity) ? 'unknownKey' : 'otherCluster');
    return found?.psk ?? null;
  }

  /** The identity is of a node of this cluster, or of no node at all. */
  private isOurs(identity: string): boolean {
    return identity.startsWith(`${this.tag}.`) || !/^[0-9a-f]{16}\.[0-9a-f]{16}$/.test(identity);
  }
}

class CertificateSecurer implements Securer {
  readonly kind = 'certificates';
  readonly attempts = 1;
  readonly server: Server;
  private readonly options: Pick<TlsOptions, 'ca' | 'cert' | 'key'>;

  constructor({ ca, cert, key }: Extract<LinkSecurity, { kind: 'certificates' }>) {
    this.options = { ca, cert, key };
    try {
      this.server = createServer({
        ...VERSION,
        ...this.options,
        requestCert: true,
        rejectUnauthorized: true,
      });
    } catch (cause) {
      throw new ClusterError('CLUSTER_OPTIONS_INVALID', 'the certificates of the links cannot be read', {
        cause,
      });
    }
  }

  connect(socket: Socket): TLSSocket {
    return connect({
      ...VERSION,
      ...this.options,
      socket,
      rejectUnauthorized: true,
      checkServerIdentity: () => undefined,
    });
  }

  objection(socket: TLSSocket): RejectReason | undefined {
    return socket.authorized && !socket.isSessionReused() ? undefined : 'certificate';
  }

  shown(socket: TLSSocket): RejectReason | undefined {
    return socket.authorizationError ? 'certificate' : undefined;
  }

  fault(error: Error): RejectReason | undefined {
    return tlsFault(error, 'certificates');
  }
}
