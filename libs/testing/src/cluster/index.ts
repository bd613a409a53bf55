export {
  ClusterTestingModule,
  type ClusterTestingOptions,
  type NodesOptions,
} from './cluster-testing.module.js';
export { eventually } from './eventually.js';
export { FakeLeadership, fakeLeadership, type FakeLeadershipOptions } from './fake-leadership.js';
export { isolatedCluster } from './isolated-cluster.js';
export type { Logging, OfApplication, OfModules } from './open-node.js';
export { TestNode } from './test-node.js';
