// A simulated cluster, conformance suites, and clusters of several nodes in one process.
export * from './simulator/index.js';
export * from './conformance/index.js';
export * from './kubernetes/index.js';
/** The chance of a test that can be run again: the same numbers for the same seed. */
export { seededRandom } from '@nest-cluster/protocol';
export * from './cluster/index.js';
export * from './store/index.js';
