/** Two processes of one name: the old one is cut off and lives, a new one is started elsewhere (T1, L4). */
import type { Act } from '../act.js';
import { between, leaderOf, others } from '../act.js';
import { partition } from '../faults.js';
import { nameOf } from '../settings.js';

export const twin: Act = {
  name: 'twin',
  weight: 1,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    const leader = leaderOf(world);
    const spare = world.settings.nodes;
    partition(world, [[leader], others(world, leader)]);
    world.conditions.setCut(leader.host.index, spare, true);
    world.conditions.setCut(spare, leader.host.index, true);
    yield between(world, 0, 0.1) * leaseMs;
    let index = 0;
    while (nameOf(index) !== leader.info.name) index++;
    const second = world.start(index, spare);
    yield leaseMs * 3;
    // The operator sees to it that one of them goes.
    world.end(world.random() < 0.5 ? leader : second, 'replaced');
  },
};
