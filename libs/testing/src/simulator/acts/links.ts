/** Networks that part, lose, repeat, delay and hear one way only (L1, L4, M4, P5). */
import type { Act } from '../act.js';
import { anybody, between, leaderOf, others } from '../act.js';
import { breakLinks, changeWeather, cutWay, heal, partition, slow } from '../faults.js';

/** Two sides that do not hear each other, with the leader on the smaller one. */
export const split: Act = {
  name: 'split',
  weight: 2,
  *play(world) {
    const leader = leaderOf(world);
    const rest = others(world, leader);
    const withLeader = rest.slice(0, Math.floor(world.random() * Math.ceil(rest.length / 2)));
    const isRepeating = world.random() < 0.5;
    if (isRepeating) changeWeather(world, { duplication: 0.5 });
    partition(world, [[leader, ...withLeader], rest.slice(withLeader.length)]);
    yield between(world, 1_000, 20_000);
  },
};

/** The leader and one other cannot hear each other; everybody else hears both. */
export const bridge: Act = {
  name: 'bridge',
  weight: 2,
  *play(world) {
    const leader = leaderOf(world);
    const [deaf] = others(world, leader);
    if (!deaf) return;
    cutWay(world, leader, deaf);
    cutWay(world, deaf, leader);
    yield between(world, 5_000, 20_000);
  },
};

/** Some ways are cut in one direction. */
export const oneWay: Act = {
  name: 'oneWay',
  weight: 2,
  *play(world) {
    for (let round = 0; round < 4; round++) {
      const [from, ...rest] = anybody(world);
      for (const to of rest) if (from && world.random() < 0.6) cutWay(world, from, to);
      yield between(world, 500, 6_000);
      if (world.random() < 0.5) world.conditions.clear();
      world.disturbed('ways change');
    }
  },
};

/** Answers reach the leader late, and then its requests reach nobody: whoever counts from the answer leads too long. */
export const lateAnswers: Act = {
  name: 'lateAnswers',
  weight: 2,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    const leader = leaderOf(world);
    for (const other of others(world, leader))
      slow(world, other, leader, between(world, 0.1, 0.22) * leaseMs);
    yield between(world, 1, 2.5) * leaseMs;
    for (const other of others(world, leader)) cutWay(world, leader, other);
    yield leaseMs * 3;
  },
};

/** Links between living processes break, and can be dialled again: a hint, never a verdict (M2, M4). */
export const resets: Act = {
  name: 'resets',
  weight: 1,
  *play(world) {
    for (let round = 0; round < 8; round++) {
      const [one, ...rest] = anybody(world);
      breakLinks(
        world,
        one,
        rest.filter(() => world.random() < 0.7),
      );
      yield between(world, 50, 4_000);
    }
  },
};

/** 10 % of the frames are lost, for long enough to count (M4). */
export const lossy: Act = {
  name: 'lossy',
  weight: 1,
  *play(world) {
    changeWeather(world, { loss: 0.1, retransmits: false });
    yield between(world, 30_000, 60_000);
  },
};

/** Loss, repetition, overtaking and detours of seconds. */
export const storm: Act = {
  name: 'storm',
  weight: 2,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    changeWeather(world, {
      loss: between(world, 0, 0.3),
      duplication: between(world, 0, 0.3),
      reordering: 0.5,
      tail: between(world, 0.02, 0.2),
      tailMs: between(world, 0.5, 3) * Math.min(leaseMs, 4_000),
    });
    yield between(world, 5_000, 30_000);
  },
};

/** Apart for a while and together for a while, over and over. */
export const flutter: Act = {
  name: 'flutter',
  weight: 1,
  *play(world) {
    for (let round = 0; round < 5; round++) {
      const order = anybody(world);
      const half = 1 + Math.floor(world.random() * (order.length - 1));
      partition(world, [order.slice(0, half), order.slice(half)]);
      yield between(world, 200, 4_000);
      heal(world);
      yield between(world, 200, 4_000);
    }
  },
};
