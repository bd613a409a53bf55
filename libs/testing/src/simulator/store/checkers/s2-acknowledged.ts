/**
 * S1, S2: an acknowledged write is held by as many nodes as were asked for; and as long as one of those that held it lives
 * and keeps its store, so that no more than a minority was lost, every node ends up with it, or with what followed it.
 */
import { quorumOf } from '../../settings.js';
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';
import type { Operation } from '../story.js';

export function acknowledged(fleet: StoreFleet): StoreChecker {
  const holders = new Map<Operation, ReadonlyMap<StoreNode, number>>();

  return {
    turnedPage: () => holders.clear(),
    acked(operation) {
      const { ack, key, word, node, kind } = operation;
      if (kind !== 'write' || !fleet.isWhole(key)) return;
      const needed = ack === 'local' ? 1 : quorumOf(fleet.world.settings);
      const ever = [...fleet.everybody].filter((each) => fleet.memoryOf(each).ever.has(word));
      if (ack !== 'all' && ever.length < needed)
        fleet.violate('S2', `${node.name} confirmed ${word}, which ${ever.length} of ${needed} nodes hold`);
      if (ack === 'local') return;
      const now = fleet.living.filter((each) => each.ready && fleet.memoryOf(each).held.has(word));
      holders.set(operation, new Map(now.map((each) => [each, each.drops])));
    },
    rested() {
      for (const [{ word, key, ack }, kept] of holders) {
        if (!fleet.isWhole(key)) continue;
        const holder = [...kept].find(([node, drops]) => !node.ended && node.drops === drops)?.[0];
        if (holder === undefined) continue;
        for (const node of fleet.living) {
          const shown = fleet.visible(node, key);
          if (!fleet.story.closureOf(shown).has(word))
            fleet.violate(
              'S2',
              `${node.name} lost ${word} of ${key}, confirmed at level ${ack} and held by ${holder.name}; it shows [${shown.join(' ')}]`,
            );
        }
      }
    },
  };
}
