// The control plane: what runs the protocol on this machine.
export type { ControlPlaneConfig, LinkSecurity, TransportFactory } from './config.js';
export { createControlPlane } from './control-plane.js';
export { createQuorumLeadership, type QuorumLeadership } from './quorum-leadership.js';
export { MemoryNetwork } from './memory-network.js';
