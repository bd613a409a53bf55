// A simulated cluster, conformance suites, and clusters of several nodes in one process.
export * from './simulator/index.js';
