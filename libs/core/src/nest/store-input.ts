/**
 * Checks what callers of the store ask for, before anything is done with it.
 */
import { ClusterError, type AckLevel, type RecoveryMode } from '@nest-cluster/protocol';

const TTL_MS_MAX = 2 ** 43;

export function checkedTtl(ttl: number | undefined): number {
  if (ttl === undefined) return 0;
  if (!(typeof ttl === 'number' && ttl > 0 && ttl <= TTL_MS_MAX))
    throw new ClusterError(
      'CLUSTER_OPTIONS_INVALID',
      `ttl is ${String(ttl)}, must be a positive number of milliseconds`,
    );
  // Less than a millisecond is a millisecond, not for ever.
  return Math.ceil(ttl);
}

export function checked(ack: AckLevel): AckLevel {
  if (ack === 'local' || ack === 'quorum' || ack === 'all') return ack;
  throw new ClusterError('CLUSTER_OPTIONS_INVALID', `ack is ${String(ack)}, must be local, quorum or all`);
}

export function checkedMode(mode: RecoveryMode): RecoveryMode {
  if (mode === 'automatic' || mode === 'manual') return mode;
  throw new ClusterError(
    'CLUSTER_OPTIONS_INVALID',
    `recovery is ${String(mode)}, must be automatic or manual`,
  );
}
