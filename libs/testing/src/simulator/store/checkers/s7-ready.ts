/**
 * S7: a node says that it is ready once it has the store: all that a quorum had confirmed a second before it began, as far
 * as nothing went wrong meanwhile. Before that it takes no writes.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';
import type { Operation } from '../story.js';

const GRACE_MS = 1_000;

interface Confirmed {
  readonly at: number;
  readonly holders: ReadonlyMap<StoreNode, number>;
}

export function readiness(fleet: StoreFleet): StoreChecker {
  const confirmed = new Map<Operation, Confirmed>();
  const begun = new Map<
    StoreNode,
    { readonly at: number; readonly disturbances: number; readonly isCalm: boolean }
  >();

  return {
    turnedPage: () => confirmed.clear(),
    started: (node) =>
      void begun.set(node, {
        at: fleet.world.agenda.now,
        disturbances: fleet.world.disturbances,
        isCalm: fleet.world.isCalm(0),
      }),
    ended: (node) => void begun.delete(node),
    acked(operation) {
      if (!operation.node.ready)
        fleet.violate('S7', `${operation.node.name} took a ${operation.kind} before it was ready`);
      if (operation.kind !== 'write' || operation.ack === 'local' || !fleet.isWhole(operation.key)) return;
      const holders = fleet.living.filter((node) => fleet.memoryOf(node).held.has(operation.word));
      confirmed.set(operation, {
        at: fleet.world.agenda.now,
        holders: new Map(holders.map((node) => [node, node.drops])),
      });
    },
    told(node, effect) {
      if (effect.type !== 'ready') return;
      const start = begun.get(node);
      const { world } = fleet;
      if (start === undefined || world.disturbances !== start.disturbances || node.drops > 0) return;
      if (world.settings.weather.loss > 0 || !world.isCalm(0) || !start.isCalm) return;
      const { held } = fleet.memoryOf(node);
      for (const [{ word, key }, { at, holders }] of confirmed) {
        if (at > start.at - GRACE_MS || held.has(word) || !fleet.isWhole(key)) continue;
        const holder = [...holders].find(
          ([each, drops]) => !each.ended && each.drops === drops && each.ready,
        );
        if (holder !== undefined)
          fleet.violate('S7', `${node.name} is ready without ${word} of ${key}, which ${holder[0].name} has`);
      }
    },
  };
}
