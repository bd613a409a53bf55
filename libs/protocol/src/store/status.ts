/**
 * What a replica tells about itself when asked.
 */
import type { Core } from './core.js';
import type { Partition, StoreStatus } from './machine.js';
import type { RecoveryMode } from './message.js';
import { together } from './peers.js';

export function statusOf(core: Core, recovery: RecoveryMode, partitions: readonly Partition[]): StoreStatus {
  const { entries, peers, origins, ready, acks } = core;
  const linked = peers.where((peer) => peer.linked);
  const inSync = linked.filter(
    (peer) => together(peer) && peer.ready && peer.report !== undefined && origins.coveredBy(peer.report),
  );
  return {
    ready,
    size: entries.size,
    deletes: entries.deletes,
    replicas: { all: linked.length, inSync: inSync.length },
    conflicts: entries.conflicts,
    resolverFailures: entries.resolverFailures,
    waiting: acks.size,
    recovery,
    partitions,
  };
}
