/** The store in a run: its nodes, clients and checkers are put into a world, and its acts beside those of the control plane. */
import type { Act } from '../act.js';
import type { World } from '../world.js';
import { storeActs } from './acts/index.js';
import { installStoreCheckers, StoreConvergence } from './checkers/index.js';
import { Clients } from './clients.js';
import { StoreFleet } from './fleet.js';
import type { StoreCast } from './store-cast.js';

/** Two processes of one name are two stores, of which one is nobody's: the control plane's own runs play these. */
const OTHERS: ReadonlySet<string> = new Set(['namesake', 'twin', 'exchange']);

export interface StoreRun {
  readonly longestMs: number;
  readonly isReached: boolean;
  readonly acts: readonly Act[];
  suits(act: Act): boolean;
  /** An act begins. */
  begin(): void;
}

/** `isClusterWhole`: all processes see each other. `isStrict`: with acts that combine faults, and checkers that make no allowances. */
export function installStore(
  world: World,
  cast: StoreCast,
  isClusterWhole: () => boolean,
  isStrict: boolean,
): StoreRun {
  const fleet = new StoreFleet(world, cast, isStrict);
  const clients = new Clients(fleet);
  const convergence = new StoreConvergence(fleet, isClusterWhole);
  const checkers = installStoreCheckers(fleet, isStrict);
  world.checkers.all.push(fleet, {
    healed() {
      clients.stop();
      for (const node of fleet.living) node.drainAll();
      convergence.begin();
    },
  });
  return {
    acts: storeActs(fleet, clients, checkers, isStrict),
    suits: ({ name }) => !OTHERS.has(name),
    get longestMs() {
      return convergence.longestMs;
    },
    get isReached() {
      return convergence.isReached;
    },
    begin() {
      fleet.turnPage();
      clients.start();
    },
  };
}
