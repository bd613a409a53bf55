/**
 * The first lines of a node in the log: who and where it is, and who else may join (W2).
 */
import type { Logger } from '@nestjs/common';
import type { NodeInfo } from '@nest-cluster/protocol';
import type { ResolvedOptions } from './resolve-options.js';

/** Shorter secrets can be guessed offline, because each message names its key. */
const SECRET_BYTES_MIN = 16;

export function announce(
  logger: Logger,
  { cluster, security, insecure, bind }: ResolvedOptions,
  self: NodeInfo,
  strategy: string,
): void {
  logger.log(`${self.name} is in cluster ${cluster} at ${self.address}, and finds others by ${strategy}`);
  if (
    security.kind === 'psk' &&
    security.secrets.some((secret) => Buffer.byteLength(secret) < SECRET_BYTES_MIN)
  )
    logger.warn(
      `a secret has fewer than ${SECRET_BYTES_MIN} bytes, and can be guessed by whoever sees a datagram or a connection; make one with: openssl rand -hex 32`,
    );
  if (security.kind !== 'plain') return;
  if (insecure)
    logger.warn(`insecure: whoever reaches ${bind} may join, read and write everything; set CLUSTER_SECRET`);
  else logger.log('without a secret only processes on this host can join; set CLUSTER_SECRET for more');
}
