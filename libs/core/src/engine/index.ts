// The control plane: what runs the protocol on this machine.
export type { ControlPlaneConfig, LinkSecurity, TransportFactory } from './config.js';
export { createControlPlane } from './control-plane.js';
export { createQuorumLeadership, type QuorumLeadership } from './quorum-leadership.js';
// The data plane: the replicated store, on the main thread.
export type { DataPlaneConfig } from './data-plane/config.js';
export { createDataPlane, type DataPlane } from './data-plane/data-plane.js';
// The drivers by themselves, for the simulator.
export { Alarm } from './alarm.js';
export { ReplicaHost, type ReplicaNews } from './data-plane/replica-host.js';
export type { DrivenReplica } from './data-plane/replica-drive.js';
export { Life, type DrivenMachine } from './life.js';
export { decodeFrame } from '../wire/index.js';
export { MemoryNetwork } from './memory-network.js';
export { createTcpTransport, type TcpTransportOptions } from '../wire/index.js';
