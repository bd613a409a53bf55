/**
 * S6: what a node told is what it shows: no change is missed, none is told twice, and of one key none comes after what
 * followed it.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';

export function changes(fleet: StoreFleet): StoreChecker {
  const told = new Map<StoreNode, Map<string, string>>();
  /** Words that were followed by what a node has shown already. */
  const past = new Map<StoreNode, Set<string>>();

  return {
    started: (node) => void told.set(node, new Map()),
    ended(node) {
      told.delete(node);
      past.delete(node);
    },
    turnedPage: () => past.clear(),
    changed(node, change) {
      const { key } = change;
      const known = told.get(node);
      if (known === undefined) return;
      const text = (words: readonly string[] | undefined): string => words?.join(' ') ?? 'nothing';
      const before = known.get(key);
      const previous = change.previous && text(fleet.wordsOf(change.previous));
      const after = change.type === 'written' ? text(fleet.wordsOf(change.value)) : undefined;
      if (previous !== before)
        fleet.violate('S6', `${node.name} told ${key} to change from ${previous}, and ${before} before`);
      if (after === before) fleet.violate('S6', `${node.name} told twice that ${key} is ${after}`);
      if (after === undefined) known.delete(key);
      else known.set(key, after);
      // A copy that is under way may be begun anew, from somebody who has less.
      if (after === undefined || !node.ready || !fleet.isCurrent(key)) return;
      const buried = past.get(node) ?? new Set();
      past.set(node, buried);
      for (const word of after.split(' ')) {
        if (buried.has(`${node.drops} ${word}`))
          fleet.violate('S6', `${node.name} told ${word} of ${key} after what followed it`);
        for (const older of fleet.story.pastOf(word)) buried.add(`${node.drops} ${older}`);
      }
    },
    looked() {
      for (const [node, known] of told) {
        if (!node.ready) continue;
        const content = fleet.content(node, 0);
        for (const [key, text] of content)
          if (known.get(key) !== text)
            fleet.violate('S6', `${node.name} shows ${text} of ${key} and told ${known.get(key)}`);
        for (const key of known.keys())
          if (!content.has(key)) fleet.violate('S6', `${node.name} told ${key} and does not show it`);
      }
    },
  };
}
