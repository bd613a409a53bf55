// The replicated store: its machine, what it takes and tells, and what replicas send each other.
export { createReplica } from './replica.js';
export { STORE_DEFAULTS, type StoreOptions } from './options.js';
export { contentHash, contentOf } from './checks.js';
export { isSettled, type Surroundings } from './settling.js';
export { wallOf } from './state/hybrid-time.js';
export type { EntryView, Replica, StoredValue } from './state/entry.js';
export type * from './machine.js';
export type * from './message.js';
