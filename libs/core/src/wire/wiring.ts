/**
 * What a connection needs on its way to becoming a link; the same for those accepted and those dialled.
 */
import type { Socket } from 'node:net';
import type { RejectReason } from '../ports/transport.js';
import type { HandshakeContext } from './handshake.js';
import type { Link } from './link.js';

export interface Wiring {
  readonly handshakeContext: HandshakeContext;
  readonly makeLink: (socket: Socket) => Link;
  /** Takes over a socket, to see to it that it is closed at the end. */
  readonly own: (socket: Socket) => void;
  readonly rejected: (reason: RejectReason, detail: string) => void;
}
