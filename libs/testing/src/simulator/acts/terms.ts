/** Leaders that step down, with work that takes its time, and words about it that come late (L4, L6). */
import type { Act } from '../act.js';
import { between, leaderOf, others } from '../act.js';
import {
  changeWeather,
  crash,
  cutWay,
  indexOf,
  leave,
  partition,
  restartMissing,
  slow,
  stepDown,
} from '../faults.js';

/** Asked to step down in calm times. */
export const handover: Act = {
  name: 'handover',
  weight: 2,
  *play(world) {
    for (let round = 0; round < 3; round++) {
      stepDown(world, leaderOf(world));
      yield world.settings.leadership.leaseMs * between(world, 3.2, 4);
    }
  },
};

/** Work that goes on for longer than a release could wait. */
export const longWork: Act = {
  name: 'longWork',
  weight: 1,
  *play(world) {
    world.workMsMax = 2 * world.settings.leadership.leaseMs;
    for (let round = 0; round < 4; round++) {
      stepDown(world, leaderOf(world));
      yield world.settings.leadership.leaseMs * between(world, 1, 3);
    }
    leave(world, leaderOf(world));
    yield 3_000;
    restartMissing(world);
  },
};

/** What a leader gave back is heard of late and twice, when it leads again and another waits for its chance. */
export const lateRelease: Act = {
  name: 'lateRelease',
  weight: 2,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    changeWeather(world, { duplication: 0.5, reordering: 1, tail: 0.3, tailMs: 3 * leaseMs });
    for (let round = 0; round < 6; round++) {
      stepDown(world, leaderOf(world));
      yield leaseMs * between(world, 0.5, 2);
    }
    const leader = leaderOf(world);
    const [deaf] = others(world, leader);
    if (!deaf) return;
    cutWay(world, leader, deaf);
    cutWay(world, deaf, leader);
    for (let round = 0; round < 6; round++) {
      stepDown(world, leaderOf(world));
      yield leaseMs * between(world, 0.5, 2);
    }
  },
};

/** The way back to a leader is slow while it tries to become one. */
export const slowElection: Act = {
  name: 'slowElection',
  weight: 1,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    for (const from of others(world))
      for (const to of others(world, from))
        if (world.random() < 0.5) slow(world, from, to, between(world, 0, leaseMs));
    for (let round = 0; round < 4; round++) {
      stepDown(world, leaderOf(world));
      yield leaseMs * between(world, 1, 3);
    }
  },
};

/** One node is restarted with a longer lease than the others know, and leads if they let it (L4). */
export const longerLease: Act = {
  name: 'longerLease',
  weight: 0,
  *play(world) {
    const { leadership } = world.settings;
    const [chosen] = others(world, leaderOf(world));
    if (!chosen) return;
    const longMs = 4 * leadership.leaseMs;
    crash(world, chosen);
    world.leadership = { ...leadership, leaseMs: longMs };
    const longer = world.start(indexOf(chosen.info.name), chosen.host);
    world.leadership = leadership;
    yield longMs * 1.1;
    for (let round = 0; round < 6 && !longer.isLeader(); round++) {
      stepDown(world, leaderOf(world));
      world.disturbed('one asks for a longer lease than the others give');
      yield leadership.leaseMs * 1.5;
    }
    const rest = others(world, longer);
    partition(world, [[longer], rest]);
    for (const process of rest) crash(world, process);
    restartMissing(world);
    yield 3 * leadership.leaseMs;
    crash(world, longer);
  },
};
