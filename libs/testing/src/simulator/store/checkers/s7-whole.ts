/**
 * S7: a node is ready with the whole store of one that is, and of all that it has spoken with for a while; or, when nobody is
 * ready, together with a quorum. Never alone, never with a part, and never because time has passed.
 */
import type { StoreFleet } from '../fleet.js';
import type { Losses } from '../losses.js';
import type { StoreChecker } from '../store-checker.js';
import type { StoreNode } from '../store-node.js';

/** What was written this long before a node began is in every copy. */
const OLD_MS = 1_000;
/** Whoever has been ready and spoken with for so long has been merged with. */
const MERGED_MS = 1_000;
/** After so long everybody has heard that a node is ready. */
const HEARD_MS = 50;

export function whole(fleet: StoreFleet, losses: Losses): StoreChecker {
  /** A word that the other has held since before this one began, and that this one lacks. */
  function lacking(node: StoreNode, other: StoreNode): string | undefined {
    const { held } = fleet.memoryOf(node);
    const theirs = fleet.memoryOf(other).held;
    for (const { word, key, at } of fleet.story.writes.values())
      if (at < node.process.bornAt - OLD_MS && fleet.isWhole(key) && theirs.has(word) && !held.has(word))
        return `${word} of ${key}`;
    return undefined;
  }

  return {
    told(node, news) {
      if (news.type !== 'ready') return;
      // It may not have heard yet of the end of its source.
      const spoken = [...fleet.everybody].filter(({ info }) => node.connected.has(info.incarnation));
      const near = spoken.filter(({ ended }) => !ended);
      const sources = near.filter(({ ready }) => ready);
      if (!spoken.some(({ ready }) => ready) && !losses.isQuorum([node, ...near]))
        fleet.violate('S7', `${node.name} is ready with no quorum, and nobody who is ready`);
      // Who became ready a moment ago may not have been heard yet, so that a quorum began without it.
      const known = sources.filter(({ readyAt = Infinity }) => fleet.world.agenda.now - readyAt > HEARD_MS);
      const missing = known.map((source) => lacking(node, source));
      if (missing.length > 0 && missing.every((word) => word !== undefined))
        fleet.violate('S7', `${node.name} is ready with the whole store of nobody: ${missing.join(', ')}`);
      for (const source of sources) {
        const since = Math.max(
          node.connected.get(source.info.incarnation) ?? Infinity,
          source.readyAt ?? Infinity,
        );
        const word = fleet.world.agenda.now - since > MERGED_MS ? lacking(node, source) : undefined;
        if (word !== undefined)
          fleet.violate('S7', `${node.name} is ready without ${word}, which ${source.name} has`);
      }
    },
  };
}
