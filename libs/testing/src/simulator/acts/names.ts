/** Two processes of one name (T1, L4). */
import { shuffled } from '@nest-cluster/protocol';
import type { Act } from '../act.js';
import { anybody, between, leaderOf, others } from '../act.js';
import { crash, indexOf, loseHost, partition, stepDown } from '../faults.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

/** A second process of a name that is taken, in calm times: it is turned away, and nobody loses the first (T1, M4). */
export const namesake: Act = {
  name: 'namesake',
  weight: 1,
  // A dispute is settled by a probe or two, which loss could eat.
  suits: ({ settings }) => settings.weather.loss === 0,
  *play(world) {
    const [first] = anybody(world);
    if (!first) return;
    const spare = world.spare();
    // Who came first is told by wall clocks.
    spare.wallOffset = first.host.wallOffset;
    const second = world.start(indexOf(first.info.name));
    yield between(world, 3_000, 8_000);
    world.end(second, 'replaced');
  },
};

/** Processes come back where others were: an address says nothing about who is there (T1). */
export const moves: Act = {
  name: 'moves',
  weight: 0,
  *play(world) {
    for (let round = 0; round < 5; round++) {
      const movers = anybody(world).slice(0, 1 + Math.floor(world.random() * world.running.size));
      for (const mover of movers) (world.random() < 0.7 ? crash : loseHost)(world, mover);
      yield world.random() < 0.5 ? between(world, 0, 100) : between(world, 0, 5_000);
      const hosts = shuffled(
        movers.map(({ host }) => host),
        world.random,
      );
      for (const [index, mover] of movers.entries()) {
        const host = hosts[index];
        if (host) world.start(indexOf(mover.info.name), host);
        if (world.random() < 0.5) yield between(world, 0, 300);
      }
      yield between(world, 0, 4_000);
    }
  },
};

/**
 * The leader is cut off, and all others are restarted under new names, one of them twice: never more processes than the
 * size, and more names (L1 with `size` alone).
 */
export const renamed: Act = {
  name: 'renamed',
  weight: 0,
  suits: ({ settings: { size, nodes } }) => size === nodes && nodes >= 5,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    const leader = leaderOf(world);
    const hosts = others(world, leader).map(({ host }) => host);
    for (const host of world.hosts) {
      world.conditions.setCut(leader.host.index, host.index, true);
      world.conditions.setCut(host.index, leader.host.index, true);
    }
    world.disturbed(`${leader.info.name} is cut off`);
    let name = world.settings.nodes;
    for (const process of others(world, leader)) crash(world, process);
    const born = hosts.map((host) => world.start(name++, host));
    yield between(world, 60, 400);
    const [gone] = born;
    if (!gone) return;
    const spare = world.spare();
    loseHost(world, gone);
    born.push(world.start(name++, spare));
    yield between(world, 2, 3) * leaseMs;
    for (const process of born) world.end(process, 'replaced');
    yield 1.2 * leaseMs;
  },
};

/** The old one is cut off and lives, a new one is started elsewhere. */
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
    // The operator sees to it that one of them goes, and that the votes of that one are over when the other is heard again:
    // two living processes with one vote are more than any lease can bear.
    world.end(world.random() < 0.5 ? leader : second, 'replaced');
    yield leaseMs * 1.2;
  },
};

/**
 * The new one leads when the old one comes back and the new one is cut off: to a voter that goes by names they are the
 * same. Takes a lease that outlasts the time in which silence is noticed.
 */
export const exchange: Act = {
  name: 'exchange',
  weight: 1,
  suits: ({ settings }) => settings.leadership.leaseMs >= 8_000 && settings.weather.loss === 0,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    const first = leaderOf(world);
    const spare = world.spare();
    world.workMsMax = 10;
    cutOff(world, first);
    world.conditions.setCut(first.host.index, spare.index, true);
    world.conditions.setCut(spare.index, first.host.index, true);
    const second = world.start(indexOf(first.info.name));
    yield leaseMs * 1.3 + 10_000;
    for (let round = 0; round < 8 && !second.isLeader(); round++) {
      stepDown(world, leaderOf(world));
      yield 700;
    }
    world.conditions.clear();
    cutOff(world, second);
    yield leaseMs;
    world.end(first, 'replaced');
    world.end(second, 'replaced');
  },
};

function cutOff(world: World, process: Process): void {
  partition(world, [[process], others(world, process)]);
}
