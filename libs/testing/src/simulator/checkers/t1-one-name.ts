/**
 * T1: of two processes with one name, the one that comes later is turned away, and told so – as long as nothing else
 * happens meanwhile.
 */
import type { Checker } from '../checker.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

const BOUND_MS = 2_500;

export function oneName(world: World): Checker {
  const refused = new Set<Process>();
  return {
    started(process) {
      if (!world.isFair(3_000)) return;
      for (const first of world.running) {
        if (first === process || first.info.name !== process.info.name) continue;
        const stamp = world.disturbances;
        world.agenda.in(BOUND_MS, () => {
          if (world.disturbances === stamp && !refused.has(process))
            world.violate(
              'T1',
              `${process.info.name} runs twice, and the later one was not told in ${BOUND_MS} ms`,
            );
        });
      }
    },
    event(process, event) {
      if (event.type === 'refused') refused.add(process);
    },
  };
}
