// Clusters in virtual time: a seed decides on faults, and checkers watch from outside.
// Written histories.
export { History } from './history/history.js';
export type { HistoryOptions } from './history/history-settings.js';
export type { Outcome } from './history/history-stores.js';
export { PRODUCT } from './product.js';
export { runSeed } from './run.js';
export { measureScale } from './scale.js';
export type { Scale } from './scale.js';
export type { Report, RunOptions } from './run.js';
export type { Violation } from './checker.js';
export type { Cast } from './world.js';
export type { FullCast } from './product.js';
export type { StoreCast, StoreUnderTest } from './store/store-cast.js';
