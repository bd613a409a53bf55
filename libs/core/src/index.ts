// The cluster as a NestJS module: providers, decorators, runtime and default strategies.
/** @internal What drives the machines, for the simulator. */
export {
  Alarm,
  decodeFrame,
  Life,
  ReplicaHost,
  type DrivenMachine,
  type DrivenReplica,
  type ReplicaNews,
} from './engine/index.js';
export { StoreSettling } from './nest/store-settling.js';
export { NODE_SURROUNDINGS, type Cancel, type Surroundings } from './ports/surroundings.js';
export { StoreValue } from './wire/store-value.js';
// What a strategy or a leadership engine of another package is written with.
export type * from './ports/cluster-strategy.js';
export type * from './ports/leadership-provider.js';
export { contactPoint, isHost, isPort, parseContactPoint, CONTROL_PORT } from './ports/contact-point.js';
export { monotonicMs, readClocks, wallMs } from './ports/clock.js';
export { SettingReader, type Setting } from './ports/setting-reader.js';
export { ClusterError, CLOCK_DRIFT, isClockJump, outlasting } from '@nest-cluster/protocol';
export type { Guarantee, Instant, LossReason } from '@nest-cluster/protocol';
/** @internal The links alone, for benchmarks and tests of what is built on them. */
export { createTcpTransport, type TcpTransportOptions } from './engine/index.js';
// What a Nest application uses.
export * from './nest/index.js';
// What other packages of the family look at.
export type * from './ports/control-plane.js';
export type {
  ConflictingWrite,
  HeldChange,
  HeldValue,
  StoreCounters,
  StoreProvider,
} from './ports/store-provider.js';
export type * from './ports/transport.js';
export {
  createControlPlane,
  createQuorumLeadership,
  MemoryNetwork,
  type ControlPlaneConfig,
  type QuorumLeadership,
  type TransportFactory,
} from './engine/index.js';
export type {
  AckLevel,
  ClusterErrorCode,
  ClusterState,
  DownReason,
  Leader,
  LeadershipOptions,
  Member,
  MembershipOptions,
  NodeInfo,
  NodeStatus,
  PartitionDiff,
  RecoveryMode,
} from '@nest-cluster/protocol';
export * from './strategies/index.js';
