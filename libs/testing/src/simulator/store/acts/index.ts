/** Every act of the store; a new one is added here. */
import type { Act } from '../../act.js';
import type { Clients } from '../clients.js';
import type { StoreFleet } from '../fleet.js';
import { congestion, oneByOne, rush, shortMemory } from './traffic.js';

export function storeActs(fleet: StoreFleet, _clients: Clients): readonly Act[] {
  return [rush(fleet), congestion(fleet), oneByOne(fleet), shortMemory(fleet)];
}
