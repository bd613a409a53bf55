/**
 * M6, in the small: whatever happens, no node talks itself into a storm. What a cluster sends in a second of true time is
 * bounded per node.
 */
import type { Checker } from '../checker.js';
import type { World } from '../world.js';

const FRAMES_PER_NODE_AND_SECOND = 500;

export function load(world: World): Checker {
  let before = 0;
  const look = (): void => {
    const { frames } = world.network;
    if (frames - before > FRAMES_PER_NODE_AND_SECOND * world.settings.nodes)
      world.violate('M6', `${frames - before} frames in one second by ${world.running.size} nodes`);
    before = frames;
    world.agenda.in(1_000, look);
  };
  world.agenda.in(1_000, look);
  return {};
}
