/**
 * M6, in the small: whatever happens, no node talks itself into a storm. What a cluster sends in a second of true time is
 * bounded per node.
 */
import type { Checker } from '../checker.js';
import type { World } from '../world.js';

const FRAMES_PER_NODE_AND_SECOND = 500;

export function load(world: World): Checker {
  const look = (): void => {
    const most = FRAMES_PER_NODE_AND_SECOND * world.settings.nodes;
    // Told at once: in a storm the second never ends.
    world.network.limit = {
      frames: world.network.frames + most + 1,
      reached: () =>
        world.violate('M6', `more than ${most} frames in one second by ${world.running.size} nodes`),
    };
    world.agenda.in(1_000, look);
  };
  world.agenda.at(0, look);
  return {};
}
