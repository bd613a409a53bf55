export { leadershipConformance, type LeadershipRig } from './leadership-conformance.js';
export { strategyConformance, type StrategyRig } from './strategy-conformance.js';
export { MemoryElection } from './memory-election.js';
export { MemoryDirectory } from './memory-directory.js';
