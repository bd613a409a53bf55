/**
 * S4: what a delete has taken away does not come back, on the node that deleted at once, on all nodes once they agree.
 */
import { quorumOf } from '../../settings.js';
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';
import type { Operation } from '../story.js';

const REFUSED: ReadonlySet<string> = new Set([
  'CLUSTER_STORE_NOT_READY',
  'CLUSTER_STORE_BUSY',
  'CLUSTER_MINORITY',
]);

export function deleted(fleet: StoreFleet): StoreChecker {
  const deletes = new Map<Operation, ReadonlySet<string>>();
  /** Who was there when a quorum had confirmed it. */
  const confirmed = new Map<Operation, ReadonlyMap<StoreNode, number>>();

  function survives(operation: Operation): boolean {
    if (REFUSED.has(operation.state)) return false;
    if (!operation.node.ended && operation.node.drops === operation.drops) return true;
    const there = confirmed.get(operation);
    if (there === undefined) return false;
    const left = [...there].filter(([node, drops]) => !node.ended && node.drops === drops).length;
    return left > there.size - quorumOf(fleet.world.settings);
  }

  return {
    turnedPage() {
      deletes.clear();
      confirmed.clear();
    },
    asked(operation) {
      if (operation.kind === 'write' || operation.seen.length === 0) return;
      deletes.set(operation, fleet.story.closureOf(operation.seen));
    },
    acked(operation) {
      if (!deletes.has(operation) || operation.ack !== 'quorum') return;
      confirmed.set(operation, new Map(fleet.living.map((node) => [node, node.drops])));
    },
    changed(node, change) {
      if (change.type !== 'written' || !fleet.isCurrent(change.key)) return;
      const words = fleet.wordsOf(change.value);
      for (const [operation, gone] of deletes) {
        if (operation.node !== node || operation.drops !== node.drops || REFUSED.has(operation.state))
          continue;
        const back = words.find((word) => gone.has(word));
        if (back !== undefined)
          fleet.violate('S4', `${node.name} shows ${back} of ${change.key} again, which it had deleted`);
      }
    },
    rested() {
      const contents = new Map(fleet.living.map((node) => [node, fleet.content(node)]));
      for (const [operation, gone] of deletes) {
        if (!survives(operation)) continue;
        for (const [node, content] of contents)
          for (const [key, text] of content) {
            if (!fleet.isCurrent(key)) continue;
            const back = text.split(' ').find((word) => gone.has(word));
            if (back !== undefined)
              fleet.violate(
                'S4',
                `${node.name} shows ${back} of ${key}, which ${operation.node.name} deleted`,
              );
          }
      }
    },
  };
}
