/** Two processes of one name: the old one is cut off and lives, a new one is started elsewhere (T1, L4). */
import type { Act } from '../act.js';
import { between, leaderOf, others } from '../act.js';
import { indexOf, partition } from '../faults.js';

export const twin: Act = {
  name: 'twin',
  weight: 1,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    const leader = leaderOf(world);
    const spare = world.spare();
    partition(world, [[leader], others(world, leader)]);
    world.conditions.setCut(leader.host.index, spare.index, true);
    world.conditions.setCut(spare.index, leader.host.index, true);
    yield between(world, 0, 0.1) * leaseMs;
    const second = world.start(indexOf(leader.info.name));
    yield leaseMs * 3;
    // The operator sees to it that one of them goes.
    world.end(world.random() < 0.5 ? leader : second, 'replaced');
  },
};
