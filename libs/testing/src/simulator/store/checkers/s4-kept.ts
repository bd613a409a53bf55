/**
 * S4: while no majority of the voters is lost at one time, what a quorum has confirmed to be deleted is nowhere in the end,
 * whoever was away or was restarted meanwhile, the deleter included.
 */
import type { StoreFleet } from '../fleet.js';
import type { Losses } from '../losses.js';
import type { StoreChecker } from '../store-checker.js';
import type { Operation } from '../story.js';

export function keptDeletes(fleet: StoreFleet, losses: Losses): StoreChecker {
  /** With what was lost by then. */
  const confirmed = new Map<Operation, number>();

  return {
    turnedPage: () => confirmed.clear(),
    acked(operation) {
      const isDelete = operation.kind !== 'write' && operation.seen.length > 0;
      if (isDelete && operation.ack === 'quorum') confirmed.set(operation, losses.epoch);
    },
    rested() {
      // A side that deleted and was not kept has deleted nothing (P4).
      if (fleet.wasChosen) return;
      for (const [{ seen, node: deleter }, epoch] of confirmed) {
        if (epoch !== losses.epoch) continue;
        const gone = fleet.story.closureOf(seen);
        for (const node of fleet.living)
          for (const [key, text] of fleet.content(node)) {
            const back = fleet.isCurrent(key) && text.split(' ').find((word) => gone.has(word));
            if (back)
              fleet.violate('S4', `${node.name} shows ${back} of ${key}, which ${deleter.name} deleted`);
          }
      }
    },
  };
}
