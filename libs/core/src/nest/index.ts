// What a Nest application uses.
export { ClusterModule, type ClusterModuleAsyncOptions } from './cluster.module.js';
export {
  DEFAULTS,
  type CertificateOptions,
  type ClusterModuleOptions,
  type ClusterOptions,
  type ResolverSource,
  type StoreSettings,
  type StrategyName,
  type StrategySource,
} from './cluster-options.js';
export { resolveOptions, type ResolvedOptions } from './resolve-options.js';
export { Cluster, type ClusterAnswer, type ClusterNode, type ClusterSize } from './cluster.js';
export { ClusterEvents, type ClusterEventOf, type ClusterListener } from './cluster-events.js';
export { ClusterDiscovery, type StrategyStatus } from './cluster-discovery.js';
export {
  ClusterStore,
  type ClusterStoreStatus,
  type StoreReadOptions,
  type StoreSetOptions,
  type StoreWriteOptions,
} from './cluster-store.js';
export {
  addCounters,
  countBy,
  countOf,
  lastWriterWins,
  mergeFields,
  unionSets,
  type ConflictResolver,
  type Counter,
} from './conflict-resolver.js';
export type { PartitionChoice, PartitionView } from './partition-view.js';
export type { StoreEvent, StoreListener } from './store-subscriptions.js';
export { ClusterLeadership } from './cluster-leadership.js';
/** @internal For `fakeLeadership().bind()` of the testing package. */
export { bindLeadership } from './leader-only.decorator.js';
export { LeaderOnly } from './leader-only.decorator.js';
export type { LeaderOnlyOptions } from './leader-only.rules.js';
export type { NotLeaderBody, NotLeaderMessage } from './not-leader.js';
export * from './cluster-event.js';
export * from './store-event.js';
export {
  OnClusterEvent,
  OnClusterStateChanged,
  OnLeaderChanged,
  OnLeadershipAcquired,
  OnLeadershipLost,
  OnNodeDown,
  OnNodeUp,
  OnPartitionDetected,
  OnPartitionHealed,
  OnStoreConnected,
  OnStoreDeleted,
  OnStoreDisconnected,
  OnStoreReady,
  OnStoreWritten,
} from './handler.decorators.js';
export { keyMatcher } from './key-pattern.js';
export { CLUSTER_OPTIONS, CREATE_CONTROL_PLANE, CREATE_DATA_PLANE, RESOLVED_OPTIONS } from './tokens.js';
