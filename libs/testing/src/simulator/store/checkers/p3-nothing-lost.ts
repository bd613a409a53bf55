/**
 * P3: what a node that lives has held is visible everywhere in the end, unless somebody who had seen it replaced or deleted
 * it, or its time ran out. Whoever met whom, and after how long, makes no difference.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { Operation } from '../story.js';

export function nothingLost(fleet: StoreFleet): StoreChecker {
  /** Keys of which something may run out. */
  const passing = new Set<string>();

  /** Words of this chapter that somebody has replaced or deleted. */
  function followed(): ReadonlySet<string> {
    const words = new Set<string>();
    for (const { seen, state } of fleet.story.operations.values())
      if (!isRefused(state)) for (const word of fleet.story.closureOf(seen)) words.add(word);
    return words;
  }

  return {
    turnedPage: () => passing.clear(),
    asked({ key, expiresAt }) {
      if (expiresAt !== 0) passing.add(key);
    },
    rested() {
      if (fleet.wasCleared) return;
      const gone = followed();
      const held = new Set(fleet.living.flatMap((node) => [...fleet.memoryOf(node).ever]));
      for (const { word, key } of fleet.story.writes.values()) {
        const isShown = fleet.settings.union || key.includes('.fresh');
        if (!held.has(word) || gone.has(word) || passing.has(key) || !isShown) continue;
        // What a side had that was not kept is gone (P4).
        if (fleet.wasChosen && fleet.isCounted(key)) continue;
        for (const node of fleet.living)
          if (!fleet.visible(node, key).includes(word))
            fleet.violate('P3', `${node.name} does not show ${word} of ${key}, which nobody has followed`);
      }
    },
  };
}

function isRefused(state: Operation['state']): boolean {
  return state !== 'waiting' && state !== 'acked' && state !== 'CLUSTER_QUORUM_UNAVAILABLE';
}
