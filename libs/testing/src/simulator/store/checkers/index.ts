/** Every checker of the store; a new one is added here. */
import type { StoreFleet } from '../fleet.js';
import { Reports } from './p3-report.js';
import { Quarantine } from './p4-manual.js';
import { acknowledged } from './s2-acknowledged.js';
import { concurrent } from './s3-concurrent.js';
import { deleted } from './s4-deleted.js';
import { expiry } from './s5-expiry.js';
import { changes } from './s6-changes.js';
import { readiness } from './s7-ready.js';

export { StoreConvergence } from './store-convergence.js';

export function installStoreCheckers(fleet: StoreFleet): { reports: Reports; quarantine: Quarantine } {
  const reports = new Reports(fleet);
  const quarantine = new Quarantine(fleet);
  fleet.checkers.push(
    acknowledged(fleet),
    concurrent(fleet),
    deleted(fleet),
    expiry(fleet),
    changes(fleet),
    readiness(fleet),
    reports,
    quarantine,
  );
  return { reports, quarantine };
}
