/**
 * S3: the resolver gets concurrent writes and nothing else, in the same order on all nodes; and of what nobody deletes,
 * exactly the writes that no other has followed are visible.
 */
import type { StoreFleet } from '../fleet.js';
import type { StoreChecker } from '../store-checker.js';

export function concurrent(fleet: StoreFleet): StoreChecker {
  const orders = new Map<string, string>();

  /** The first of two words that follows the other. */
  function follower(words: readonly string[]): string | undefined {
    return words.find((word) => words.some((other) => fleet.story.pastOf(word).has(other)));
  }

  return {
    turnedPage: () => orders.clear(),
    resolved(node, key, candidates) {
      if (!fleet.isCurrent(key)) return;
      const words = candidates.flat();
      const late = follower(words);
      if (late !== undefined)
        fleet.violate(
          'S3',
          `the resolver of ${node.name} got [${words.join(' ')}] of ${key}; ${late} followed another`,
        );
      const order = candidates.map((each) => each.join('+')).join(' ');
      const group = `${key} ${[...words].sort().join(' ')} ${candidates.length}`;
      const known = orders.get(group) ?? order;
      orders.set(group, known);
      if (known !== order)
        fleet.violate('S3', `the resolver of ${node.name} got ${order} of ${key}, another one ${known}`);
    },
    rested() {
      for (const node of fleet.living)
        for (const [key, text] of fleet.content(node)) {
          if (!fleet.isCurrent(key)) continue;
          const late = follower(text.split(' '));
          if (late !== undefined)
            fleet.violate('S3', `${node.name} shows [${text}] of ${key}, although ${late} followed another`);
        }
    },
  };
}
