/**
 * Errors that a caller can act on. Hostile bytes are not errors: they are dropped and counted.
 */

export type ClusterErrorCode =
  | 'CLUSTER_OPTIONS_INVALID'
  | 'CLUSTER_ALREADY_REGISTERED'
  | 'CLUSTER_NAME_TAKEN'
  | 'CLUSTER_BIND_FAILED'
  | 'CLUSTER_NOT_STARTED'
  | 'CLUSTER_STOPPED'
  | 'CLUSTER_HANDLER_INVALID'
  | 'CLUSTER_NOT_LEADER'
  | 'CLUSTER_NODE_UNKNOWN'
  | 'CLUSTER_CALL_FAILED'
  | 'CLUSTER_QUORUM_UNAVAILABLE'
  | 'CLUSTER_MINORITY'
  | 'CLUSTER_STORE_NOT_READY'
  | 'CLUSTER_STORE_BUSY'
  | 'CLUSTER_KEY_INVALID'
  | 'CLUSTER_VALUE_INVALID'
  | 'CLUSTER_VALUE_TOO_LARGE'
  | 'CLUSTER_PARTITION_UNKNOWN'
  | 'CLUSTER_PARTITION_DECIDED'
  | 'CLUSTER_INVARIANT_BROKEN';

/** An error with a literal `code` to switch on; the message says what to do. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';

  constructor(
    readonly code: ClusterErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Throws when something that the protocol relies on does not hold. Stays on in production. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new ClusterError('CLUSTER_INVARIANT_BROKEN', `invariant broken: ${what}`);
}
