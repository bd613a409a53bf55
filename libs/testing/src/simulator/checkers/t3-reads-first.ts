/**
 * T2, T3: a node that stood still first reads what waits for it, and only then judges: right after it goes on it reports
 * nobody down who has been well for a while, and whom nobody else has reported down.
 */
import type { Incarnation } from '@nest-cluster/protocol';
import type { Checker } from '../checker.js';
import type { World } from '../world.js';

/** For how long after a pause of its own a node must not judge by what it knew before, in milliseconds. */
const WAKING_MS = 250;
/** So long before that the other one must have been well, in milliseconds. */
const WELL_MS = 2_000;
/** For how long a fault, or the word of others, may have consequences, in milliseconds. */
const AFTERMATH_MS = 15_000;

export function readsFirst(world: World): Checker {
  const reportedAt = new Map<Incarnation, number>();
  return {
    event(process, event) {
      if (event.type !== 'nodeDown') return;
      const { now } = world.agenda;
      const { incarnation } = event.node;
      const reported = reportedAt.get(incarnation) ?? -Infinity;
      reportedAt.set(incarnation, now);
      if (process.leaving || !world.isFair(AFTERMATH_MS) || world.hasNamesake(process)) return;
      const since = process.haltedAt;
      if (now - since > WAKING_MS || now - reported < AFTERMATH_MS) return;
      for (const { info, leaving, haltedAt } of world.running) {
        if (info.incarnation !== incarnation || leaving || haltedAt > since - WELL_MS) continue;
        world.violate(
          'T3',
          `${process.info.name} goes on and reports ${info.name} down, which has long objected`,
        );
      }
    },
  };
}
