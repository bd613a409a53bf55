/**
 * S5: on each node, by its own wall clock, what has run out is not shown anew, goes soon, is told once, and never comes
 * back.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';

/** A node may be busy, or its clock may have been set; it looks around more often than this. */
const LATE_MS = 5_000;

export function expiry(fleet: StoreFleet): StoreChecker {
  const expired = new Map<StoreNode, Set<string>>();
  /** Since when something that has run out is still there. */
  const overdue = new Map<StoreNode, number>();

  function hasRunOut(node: StoreNode, word: string): boolean {
    const until = fleet.story.writes.get(word)?.expiresAt ?? 0;
    return until !== 0 && until <= node.host.wall();
  }

  function isOverdue(node: StoreNode): boolean {
    const wall = node.host.wall();
    for (const [, { value, expiresAt }] of node.machine.entries())
      if (value !== undefined && expiresAt !== 0 && expiresAt <= wall) return true;
    return false;
  }

  return {
    turnedPage: () => expired.clear(),
    changed(node, change) {
      if (!node.ready || !fleet.isCurrent(change.key)) return;
      const gone = expired.get(node) ?? new Set();
      expired.set(node, gone);
      if (change.type === 'deleted') {
        if (change.expired && change.previous !== undefined)
          for (const word of fleet.wordsOf(change.previous))
            if (hasRunOut(node, word)) gone.add(`${node.drops} ${word}`);
        return;
      }
      const words = fleet.wordsOf(change.value);
      const back = words.find((word) => gone.has(`${node.drops} ${word}`));
      if (back !== undefined)
        fleet.violate('S5', `${node.name} shows ${back} of ${change.key} again, which had run out there`);
      const late = words.find((word) => hasRunOut(node, word));
      if (late !== undefined)
        fleet.violate('S5', `${node.name} shows ${late} of ${change.key}, which has run out`);
    },
    looked() {
      const { now } = fleet.world.agenda;
      for (const node of fleet.living) {
        if (node.halted || !isOverdue(node)) overdue.delete(node);
        const since = overdue.get(node) ?? now;
        if (!node.halted && isOverdue(node)) overdue.set(node, since);
        if (overdue.has(node) && now - since > LATE_MS)
          fleet.violate('S5', `${node.name} has held what has run out for ${Math.round(now - since)} ms`);
      }
    },
  };
}
