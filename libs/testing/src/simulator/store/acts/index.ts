/** Every act of the store; a new one is added here. */
import type { Act } from '../../act.js';
import type { Clients } from '../clients.js';
import type { StoreCheckers } from '../checkers/index.js';
import type { StoreFleet } from '../fleet.js';
import { contradiction, keepSteps, threeSides } from './choices.js';
import { copyCut } from './copies.js';
import { quarantine, reunion } from './partitions.js';
import { churn, lateStarters, rollingCut, sides } from './sides.js';
import { congestion, newcomer, oneByOne, rush, shortMemory } from './traffic.js';

/** `isStrict`: acts that combine faults are among those that are drawn, and not only played by name. */
export function storeActs(
  fleet: StoreFleet,
  clients: Clients,
  { reports, quarantine: apart, outcomes }: StoreCheckers,
  isStrict: boolean,
): readonly Act[] {
  const weight = isStrict ? 6 : 0;
  return [
    rush(fleet),
    congestion(fleet),
    oneByOne(fleet),
    shortMemory(fleet),
    newcomer(fleet),
    reunion(fleet, clients, reports),
    quarantine(fleet, clients, apart),
    sides(fleet, weight),
    rollingCut(fleet, weight),
    lateStarters(fleet, weight),
    churn(fleet, weight / 2),
    copyCut(fleet, weight),
    contradiction(fleet, clients, outcomes, weight),
    keepSteps(fleet, clients, outcomes, weight),
    threeSides(fleet, clients, outcomes, weight),
  ];
}
