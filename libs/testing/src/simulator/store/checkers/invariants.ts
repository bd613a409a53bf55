/**
 * What the store under test says of its own state: when all is quiet, stores that show the same hold the same. Its invariants
 * after each step are looked at where it is driven.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';

export function invariants(fleet: StoreFleet): StoreChecker {
  return {
    rested() {
      const [first, ...others] = fleet.living;
      const digest = first?.machine.digest?.();
      if (first === undefined || digest === undefined) return;
      for (const { name, machine } of others)
        if (machine.digest?.() !== digest)
          fleet.violate('invariant', `${first.name} and ${name} show the same and hold different states`);
    },
  };
}
