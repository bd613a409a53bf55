/**
 * What a replica tells about itself when asked.
 */
import type { Core } from './core.js';
import type { Partition, StoreStatus } from './machine.js';
import type { RecoveryMode } from './message.js';
import { isLinked, isTogether, type Peer } from './replication/peers.js';

export function statusOf(core: Core, recovery: RecoveryMode, partitions: readonly Partition[]): StoreStatus {
  const { state, peers, acks } = core;
  const { entries } = state;
  const linked = peers.where(isLinked);
  return {
    ready: core.hasStore,
    size: entries.size,
    replicas: { all: linked.length, inSync: linked.filter((peer) => isInSync(core, peer)).length },
    conflicts: entries.conflicts,
    resolverFailures: entries.resolverFailures,
    waiting: acks.size,
    recovery,
    partitions,
  };
}

/** Each knows all that the other one knew when it told last. */
function isInSync({ state, phase }: Core, peer: Peer): boolean {
  const { origins, knowledge } = state;
  const isEqual =
    origins.coveredBy(peer.clock) && origins.covers(peer.clock) && peer.ahead === knowledge.digest;
  return isTogether(peer) && phase === 'ready' && peer.phase === 'ready' && isEqual;
}
