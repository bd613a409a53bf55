/**
 * M4: nobody reports a node down that lives – blocked main thread, skewed clocks and 10 % of loss are no excuse. Pauses
 * and cuts are.
 */
import type { Checker } from '../checker.js';
import type { World } from '../world.js';

/** For how long a fault may have consequences, in milliseconds. */
const AFTERMATH_MS = 15_000;

export function noFalseAlarm(world: World): Checker {
  return {
    event(process, event) {
      if (event.type !== 'nodeDown' || process.leaving || !world.isFair(AFTERMATH_MS)) return;
      const since = world.agenda.now - AFTERMATH_MS;
      if (process.haltedAt > since || world.hasNamesake(process)) return;
      for (const { info, leaving, haltedAt } of world.running) {
        if (info.incarnation !== event.node.incarnation || leaving || haltedAt > since) continue;
        world.violate('M4', `${process.info.name} reports ${info.name} down (${event.reason}), which lives`);
      }
    },
  };
}
