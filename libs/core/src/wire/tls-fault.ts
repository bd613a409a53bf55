/**
 * What a failed TLS handshake means, from the codes that Node 20, 22 and 24 give it; they differ between versions and
 * between the two sides (W3: an unknown key is called so, and not "connection reset").
 */
import type { RejectReason } from '../ports/transport.js';

/** Neither side's TLS could make sense of the other's bytes. */
const PLAIN_TEXT = /HTTP_REQUEST|HTTPS_PROXY_REQUEST|WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/;
/** The other side does not know the key, or knows another one under its name. */
const UNKNOWN_KEY =
  /ALERT_HANDSHAKE_FAILURE|ILLEGAL_PARAMETER|DECRYPT_ERROR|UNKNOWN_PSK_IDENTITY|BINDER_DOES_NOT_VERIFY/;
const CERTIFICATE = /CERT|UNKNOWN_CA|UNABLE_TO_|ISSUER|SELF_SIGNED|CRL|HOSTNAME_MISMATCH|INVALID_PURPOSE/;
/** Not about TLS: the network, or a peer that went away. */
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EADDR|ENOTCONN)/;

/** Undefined when the connection broke for a reason that has nothing to do with keys. */
export function tlsFault(error: Error, kind: 'psk' | 'certificates'): RejectReason | undefined {
  const code = codeOf(error);
  if (NETWORK.test(code)) return undefined;
  if (PLAIN_TEXT.test(code)) return 'plainText';
  if (kind === 'certificates') return CERTIFICATE.test(code) || /ALERT/.test(code) ? 'certificate' : 'tls';
  if (UNKNOWN_KEY.test(code)) return 'unknownKey';
  return CERTIFICATE.test(code) || code === '' ? 'certificate' : 'tls';
}

/** The code of an error of Node, of whatever realm; empty without one. */
export function codeOf(error: unknown): string {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : '';
}
