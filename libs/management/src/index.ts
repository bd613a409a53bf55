// Watching and steering a cluster over HTTP.
export { ClusterManagementModule, type ManagementAsyncOptions } from './cluster-management.module.js';
export type { ManagementOptions, ManagementRoutes } from './management-options.js';
export type { ProblemBody, ProblemCode } from './http/problem.js';
export type { ClusterAnswer, NodeAnswer } from './nodes/cluster-report.js';
export type { CommandAnswer, NodeDetailAnswer } from './nodes/nodes.controller.js';
export type { LinkTraffic, NodeView } from './nodes/node-view.js';
export type { KeyPage } from './store/key-page.js';
export type { EntryAnswer } from './store/keys.controller.js';
export type { DifferenceAnswer, SideDifference } from './store/partitions.controller.js';
