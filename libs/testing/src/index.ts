// A simulated cluster, conformance suites, and clusters of several nodes in one process.
export * from './simulator/index.js';
export * from './conformance/index.js';
export * from './kubernetes/index.js';
export * from './cluster/index.js';
export * from './store/index.js';
