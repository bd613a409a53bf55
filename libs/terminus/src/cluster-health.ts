/**
 * What of the cluster counts as healthy, ready and live. Judged from one reading, so that the details of an answer and its
 * status never disagree.
 */
import type { ClusterState, Guarantee } from '@nest-cluster/core';

export interface ClusterHealthExpectations {
  /** The worst state that is healthy still. Default `yellow`: fewer nodes than expected, yet a quorum. */
  readonly state?: 'green' | 'yellow';
  /** Some node must be known to lead. Default false. */
  readonly leader?: boolean;
  /** This node must have the store (S7). Default false. */
  readonly storeReady?: boolean;
}

/** What every answer says beside its status. A type and not an interface, so that terminus takes it as additional data. */
export type ClusterHealthDetails = {
  readonly state: ClusterState;
  readonly size: { readonly expected: number; readonly current: number };
  /** Name of the node that leads, as far as this one knows. */
  readonly leader: string | null;
  /** How sure it is that nobody leads beside it (L5). */
  readonly guarantee: Guarantee;
  /** How long the main thread has made no progress, in milliseconds; null when the control plane does not answer. */
  readonly lag: number | null;
  readonly storeReady: boolean;
  /** Why the status is not `up`. */
  readonly message?: string;
};

/** One reading of this node. */
export interface ClusterReading {
  readonly details: Omit<ClusterHealthDetails, 'message'>;
  /** It has started, has not left and is not shutting down. */
  readonly isMember: boolean;
  /** Nodes that are up and do not vote yet after their start (L4). */
  readonly silentVoters: readonly string[];
  /** This node is one of them. */
  readonly isSilent: boolean;
  /** Its own application lags, and the others see it as degraded (M4). */
  readonly isDegraded: boolean;
}

export type Verdict =
  { readonly status: 'up' } | { readonly status: 'degraded' | 'down'; readonly message: string };

const UP: Verdict = { status: 'up' };
const down = (message: string): Verdict => ({ status: 'down', message });
const degraded = (message: string): Verdict => ({ status: 'degraded', message });

/** `yellow` and a lagging application are degraded, `red` is down (M7). */
export function judgeHealth(reading: ClusterReading, expected: ClusterHealthExpectations): Verdict {
  const { state, size, leader, storeReady } = reading.details;
  if (!reading.isMember) return down('this node is not in the cluster');
  if (state === 'red') return down(noQuorum(reading));
  if (expected.leader === true && leader === null) return down('nobody leads');
  if (expected.storeReady === true && !storeReady) return down('the store is not ready');
  if (state === 'yellow') {
    const missing = `${size.current} of ${size.expected} nodes are up`;
    const inSight = size.current < size.expected ? missing : undefined;
    const message = inSight ?? silence(reading) ?? 'the store is not in sync';
    return expected.state === 'green' ? down(message) : degraded(message);
  }
  return reading.isDegraded ? degraded('the application makes no progress') : UP;
}

/** Whether to send work here: with a quorum, a vote and the store, and not on its way out. */
export function judgeReadiness(reading: ClusterReading): Verdict {
  if (!reading.isMember) return down('this node is not in the cluster, or is leaving it');
  if (reading.details.state === 'red') return down(noQuorum(reading));
  // While it does not vote, the next restart would leave too few that do.
  if (reading.isSilent)
    return down('this node does not vote yet: its vote is silent for one lease after its start');
  return reading.details.storeReady ? UP : down('the store is not ready');
}

/** Whether a restart would help: only when the control plane does not answer. A lost quorum is none of its business. */
export function judgeLiveness(reading: ClusterReading): Verdict {
  return reading.details.lag === null ? down('the control plane does not answer') : UP;
}

function silence({ silentVoters }: ClusterReading): string | undefined {
  if (silentVoters.length === 0) return undefined;
  return `${silentVoters.join(', ')} started less than a lease ago and does not vote yet`;
}

function noQuorum({ details: { size } }: ClusterReading): string {
  return `no quorum: ${size.current} of ${size.expected} nodes are up`;
}
