/** Every act of the store; a new one is added here. */
import type { Act } from '../../act.js';
import type { Clients } from '../clients.js';
import type { Quarantine } from '../checkers/p4-manual.js';
import type { Reports } from '../checkers/p3-report.js';
import type { StoreFleet } from '../fleet.js';
import { quarantine, reunion } from './partitions.js';
import { congestion, newcomer, oneByOne, rush, shortMemory } from './traffic.js';

export function storeActs(
  fleet: StoreFleet,
  clients: Clients,
  checkers: { readonly reports: Reports; readonly quarantine: Quarantine },
): readonly Act[] {
  return [
    rush(fleet),
    congestion(fleet),
    oneByOne(fleet),
    shortMemory(fleet),
    newcomer(fleet),
    reunion(fleet, clients, checkers.reports),
    quarantine(fleet, clients, checkers.quarantine),
  ];
}
