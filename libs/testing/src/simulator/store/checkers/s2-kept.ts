/**
 * S2: while no majority of the voters is lost at one time, a write that a quorum confirmed is held by every quorum from then
 * on, and in the end by every node. Nobody asks who of its first holders lives.
 */
import type { StoreFleet } from '../fleet.js';
import type { Losses } from '../losses.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';
import type { Operation } from '../story.js';

export function kept(fleet: StoreFleet, losses: Losses): StoreChecker {
  /** With what was lost by then. */
  const confirmed = new Map<Operation, number>();

  /** Those that replicate with this one, and are ready as it is. */
  function groupOf(node: StoreNode): StoreNode[] {
    return fleet.living.filter(
      (other) => other === node || (other.ready && speaks(node, other) && speaks(other, node)),
    );
  }

  function* current(): Generator<Operation> {
    for (const [operation, epoch] of confirmed) {
      if (epoch === losses.epoch && fleet.isWhole(operation.key)) yield operation;
      else confirmed.delete(operation);
    }
  }

  return {
    turnedPage: () => confirmed.clear(),
    acked(operation) {
      if (operation.kind === 'write' && operation.ack === 'quorum') confirmed.set(operation, losses.epoch);
    },
    looked() {
      const groups = fleet.living
        .filter(({ ready }) => ready)
        .map(groupOf)
        .filter((group) => losses.isQuorum(group));
      for (const { word, key } of current())
        for (const group of groups)
          if (!group.some((node) => fleet.memoryOf(node).held.has(word)))
            fleet.violate(
              'S2',
              `${group.map(({ name }) => name).join(' ')} are a quorum, and none of them holds ${word} of ${key}`,
            );
    },
    rested() {
      for (const { word, key } of current())
        for (const node of fleet.living)
          if (!fleet.story.closureOf(fleet.visible(node, key)).has(word))
            fleet.violate('S2', `${node.name} lost ${word} of ${key}, which a quorum had confirmed`);
    },
  };
}

function speaks(node: StoreNode, { info }: StoreNode): boolean {
  return node.connected.has(info.incarnation);
}
