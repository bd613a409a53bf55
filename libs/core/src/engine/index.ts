// The control plane: what runs the protocol on this machine.
export type { ControlPlaneConfig, LinkSecurity, TransportFactory } from './config.js';
export { createControlPlane } from './control-plane.js';
export { createQuorumLeadership, type QuorumLeadership } from './quorum-leadership.js';
// The data plane: the replicated store, on the main thread.
export type { DataPlaneConfig } from './data-plane/config.js';
export { createDataPlane, type DataPlane } from './data-plane/data-plane.js';
export { MemoryNetwork } from './memory-network.js';
export { createTcpTransport, type TcpTransportOptions } from '../wire/index.js';
