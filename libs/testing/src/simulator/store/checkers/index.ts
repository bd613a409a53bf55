/** Every checker of the store; a new one is added here. */
import type { StoreFleet } from '../fleet.js';
import { acknowledged } from './s2-acknowledged.js';
import { concurrent } from './s3-concurrent.js';
import { deleted } from './s4-deleted.js';
import { expiry } from './s5-expiry.js';
import { changes } from './s6-changes.js';
import { readiness } from './s7-ready.js';

export { StoreConvergence } from './store-convergence.js';

export function installStoreCheckers(fleet: StoreFleet): void {
  fleet.checkers.push(
    acknowledged(fleet),
    concurrent(fleet),
    deleted(fleet),
    expiry(fleet),
    changes(fleet),
    readiness(fleet),
  );
}
