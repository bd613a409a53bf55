/**
 * One dial: connects to an address, proves itself with one key after the other, and leads the connection through the
 * handshake (W3: a node that has the new secret first still reaches one that only has the old one).
 */
import { connect, type Socket } from 'node:net';
import type { NodeInfo } from '@nest-cluster/protocol';
import type { HostPort } from '../ports/contact-point.js';
import type { DialFailure, RejectReason } from '../ports/transport.js';
import { Handshake, type HandshakeOutcome } from './handshake.js';
import type { Securer } from './security.js';
import { codeOf } from './tls-fault.js';
import type { Wiring } from './wiring.js';

export interface DialContext {
  readonly securer: Securer;
  readonly wiring: Wiring;
  /** How long connecting, and after it proof and handshake, may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** `linked`: the handshake ended well, and what there is to report was reported. */
export type DialResult = DialFailure | 'linked';

/** This host cannot even try; says nothing about the other. */
const NO_SUCH_FAMILY = new Set(['EADDRNOTAVAIL', 'ENETUNREACH', 'EAFNOSUPPORT']);

export class Dial {
  private socket: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  /** @param over is called once, with whom it met if that is a peer; not after `abandon` */
  constructor(
    private readonly address: HostPort,
    private readonly context: DialContext,
    private readonly over: (result: DialResult, met?: NodeInfo) => void,
  ) {
    this.attempt(0);
  }

  abandon(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.socket?.destroy();
  }

  private attempt(key: number): void {
    const socket = connect({ ...this.address, noDelay: true });
    this.context.wiring.own(socket);
    this.socket = socket;
    this.limit(socket);
    const failed = (error: Error): void => this.end(isRefusal(error) ? 'refused' : 'unreachable');
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      // From now on errors close the socket, which the layer above sees.
      socket.on('error', () => socket.destroy());
      this.limit(socket);
      this.prove(socket, key);
    });
  }

  private prove(socket: Socket, key: number): void {
    const { securer } = this.context;
    const secured = securer.connect(socket, key);
    if (!secured) return this.greet(socket);

    let failure: Error | undefined;
    const onError = (error: Error): void => void (failure ??= error);
    const onClose = (): void => this.unproved(failure, key);
    secured.once('error', onError);
    secured.once('close', onClose);
    secured.once('secureConnect', () => {
      secured.off('close', onClose);
      const objection = securer.objection(secured);
      if (objection) {
        secured.destroy();
        return this.reject(objection, 'did not prove itself');
      }
      secured.off('error', onError);
      this.greet(secured);
    });
  }

  private unproved(error: Error | undefined, key: number): void {
    const { securer } = this.context;
    const reason = error && securer.fault(error);
    if (!error || !reason) return this.end('unreachable');
    if (reason === 'unknownKey' && key + 1 < securer.attempts) return this.attempt(key + 1);
    this.reject(reason, EXPLANATIONS[securer.kind][reason] ?? error.message);
  }

  private greet(socket: Socket): void {
    clearTimeout(this.timer);
    const { handshakeContext, makeLink } = this.context.wiring;
    const timeoutMs = Math.min(handshakeContext.timeoutMs, this.context.timeoutMs);
    new Handshake(makeLink(socket), 'dialler', { ...handshakeContext, timeoutMs }, (outcome) =>
      this.greeted(outcome),
    );
  }

  private greeted(outcome: HandshakeOutcome): void {
    switch (outcome.type) {
      case 'linked':
        return this.end('linked', outcome.peer);
      case 'self':
        return this.end('self');
      case 'rejected':
        this.context.wiring.rejected(outcome.reason, outcome.detail);
        return this.end('rejected');
      case 'timedOut':
        return this.end('unreachable');
      case 'closed':
        return this.left(outcome.error);
    }
  }

  /** In TLS 1.3 a client is done before the server has looked at its certificate: the refusal comes later. */
  private left(error: Error | undefined): void {
    const { securer } = this.context;
    if (securer.kind !== 'certificates' || (error && !securer.fault(error))) return this.end('unreachable');
    this.reject('certificate', error?.message ?? 'hung up after it was shown the certificate of this node');
  }

  private reject(reason: RejectReason, detail: string): void {
    if (this.isOver) return;
    const { host, port } = this.address;
    this.context.wiring.rejected(reason, `${host}:${port} ${detail}`);
    this.end('rejected');
  }

  private end(result: DialResult, met?: NodeInfo): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.over(result, met);
  }

  private limit(socket: Socket): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.end('unreachable');
      socket.destroy();
    }, this.context.timeoutMs);
  }
}

const PLAIN_TEXT = 'does not speak TLS: it has no secret, or is no node';
const EXPLANATIONS: Record<Securer['kind'], Partial<Record<RejectReason, string>>> = {
  psk: {
    unknownKey: 'does not know any key of this node: it has other secrets, or another cluster name',
    certificate: 'shows a certificate and does not prove the secret: it is no node, or has no secret',
    plainText: PLAIN_TEXT,
  },
  certificates: { plainText: PLAIN_TEXT },
  plain: {},
};

/** A name may stand for several addresses; all that this host can try must refuse. */
function isRefusal(error: Error): boolean {
  const causes: readonly unknown[] =
    'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
  const tried = causes.map(codeOf).filter((code) => !NO_SUCH_FAMILY.has(code));
  return tried.length > 0 && tried.every((code) => code === 'ECONNREFUSED');
}
