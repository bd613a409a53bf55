/**
 * L5: a quorum that more nodes than the size have raised falls within 30 s after they are dead, unless something else happens
 * meanwhile.
 */
import type { Checker } from '../checker.js';
import type { World } from '../world.js';

const FALLS_MS = 30_000;

export function quorumFalls(world: World): Checker {
  const { size, weather } = world.settings;

  function check(): void {
    if (size === undefined || !world.leader()) return;
    const expected = Math.max(size, world.running.size);
    for (const process of world.running) {
      const counted = process.view()?.expected ?? expected;
      if (counted <= expected) continue;
      world.violate(
        'L5',
        `${process.info.name} counts ${counted} nodes ${FALLS_MS} ms after all but ${expected} ended`,
      );
    }
  }

  return {
    ended() {
      if (size === undefined || weather.loss > 0 || !world.isFair(0)) return;
      // The end itself counts as a disturbance, right after this.
      const stamp = world.disturbances + 1;
      world.agenda.in(FALLS_MS, () => {
        if (world.disturbances === stamp) check();
      });
    },
  };
}
