/** More nodes than the deployment said, and what becomes of them (L5, L1). */
import { shuffled } from '@nest-cluster/protocol';
import type { Act } from '../act.js';
import { anybody, between, leaderOf, others } from '../act.js';
import { crash, leave, loseHost, partition } from '../faults.js';
import type { World } from '../world.js';

/** As long as the promise gives a raised quorum to fall. */
const FALLS_MS = 30_000;

const hasSurplus = ({ settings: { size, nodes } }: World): boolean => size !== undefined && nodes > size;

/** One node more than the size comes, and dies; the quorum falls, and then the cluster bears a crash as it did before. */
export const surplusDies: Act = {
  name: 'surplusDies',
  weight: 0,
  suits: ({ settings: { size, nodes } }) => size === nodes,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    const guest = world.start(world.settings.nodes, world.spare());
    yield 3 * leaseMs + between(world, 0, 5_000);
    (world.random() < 0.5 ? crash : loseHost)(world, guest);
    yield FALLS_MS + 1_000;
    crash(world, leaderOf(world));
    yield 2 * leaseMs + 1_000;
  },
};

/** Some of the surplus die one after the other. */
export const shrink: Act = {
  name: 'shrink',
  weight: 0,
  suits: hasSurplus,
  *play(world) {
    const { size = 0, leadership } = world.settings;
    for (const victim of anybody(world).slice(size)) {
      (world.random() < 0.5 ? crash : loseHost)(world, victim);
      if (world.random() < 0.5) yield FALLS_MS + 1_000;
    }
    yield FALLS_MS + 1_000;
    crash(world, leaderOf(world));
    yield 2 * leadership.leaseMs + 1_000;
  },
};

/** The sides of a partition change, and stay for long enough that one of them gives up the other. Nobody restarts. */
export const regroup: Act = {
  name: 'regroup',
  weight: 0,
  suits: hasSurplus,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    for (let round = 0; round < 6; round++) {
      const order = anybody(world);
      const first = 1 + Math.floor(world.random() * (order.length - 1));
      const second = world.random() < 0.7 ? order.length : Math.min(order.length, first + 1);
      world.conditions.clear();
      partition(world, [order.slice(0, first), order.slice(first, second), order.slice(second)]);
      yield between(world, 0.5, 6) * leaseMs + (world.random() < 0.6 ? between(world, 4_000, 12_000) : 0);
    }
  },
};

/** The surplus give the leader their votes, and leave while nobody else hears it. */
export const surplusLeaves: Act = {
  name: 'surplusLeaves',
  weight: 0,
  suits: hasSurplus,
  *play(world) {
    const { size = 0, leadership, nodes } = world.settings;
    const leader = leaderOf(world);
    const rest = shuffled(others(world, leader), world.random);
    const leaving = rest.slice(0, nodes - size);
    partition(world, [[leader], rest.slice(nodes - size)]);
    yield between(world, 0.4, 0.9) * leadership.leaseMs;
    for (const process of leaving) leave(world, process);
    yield 3 * leadership.leaseMs;
  },
};
