export { ClusterTestingModule, type ClusterTestingOptions } from './cluster-testing.module.js';
export { eventually } from './eventually.js';
export { TestNode } from './test-node.js';
