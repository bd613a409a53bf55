/** Every checker of the store; a new one is added here. */
import type { StoreFleet } from '../fleet.js';
import { Losses } from '../losses.js';
import { invariants } from './invariants.js';
import { nothingLost } from './p3-nothing-lost.js';
import { Reports } from './p3-report.js';
import { Quarantine } from './p4-manual.js';
import { Outcomes } from './p4-outcome.js';
import { acknowledged } from './s2-acknowledged.js';
import { kept } from './s2-kept.js';
import { concurrent } from './s3-concurrent.js';
import { deleted } from './s4-deleted.js';
import { keptDeletes } from './s4-kept.js';
import { expiry } from './s5-expiry.js';
import { changes } from './s6-changes.js';
import { readiness } from './s7-ready.js';
import { whole } from './s7-whole.js';

export { StoreConvergence } from './store-convergence.js';

export interface StoreCheckers {
  readonly reports: Reports;
  readonly quarantine: Quarantine;
  readonly outcomes: Outcomes;
}

export function installStoreCheckers(fleet: StoreFleet, isStrict: boolean): StoreCheckers {
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
    invariants(fleet),
  );
  const outcomes = new Outcomes(fleet);
  const losses = new Losses(fleet);
  if (isStrict)
    fleet.checkers.push(
      losses,
      kept(fleet, losses),
      keptDeletes(fleet, losses),
      nothingLost(fleet),
      whole(fleet, losses),
      outcomes,
    );
  return { reports, quarantine, outcomes };
}
