/** Processes and clocks that stand still, hurry or jump (T2, T3, L1, L8, M4). */
import type { Act } from '../act.js';
import { anybody, between, leaderOf, others } from '../act.js';
import { block, cutWay, jump, pause, resume, suspend } from '../faults.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

/** SIGSTOP hits leaders and others. */
export const pauses: Act = {
  name: 'pauses',
  weight: 2,
  *play(world) {
    for (let round = 0; round < 4; round++) {
      const victim = world.random() < 0.6 ? leaderOf(world) : anybody(world)[0];
      if (!victim) return;
      pause(world, victim, between(world, 0.2, 4) * world.settings.leadership.leaseMs);
      yield between(world, 500, 8_000);
    }
  },
};

/** The leader's machine sleeps for less, or for more, than its lease. */
export const sleeps: Act = {
  name: 'sleeps',
  weight: 2,
  *play(world) {
    for (let round = 0; round < 3; round++) {
      const victim = world.random() < 0.7 ? leaderOf(world) : anybody(world)[0];
      if (!victim) return;
      const ms = between(world, 0.1, 3) * world.settings.leadership.leaseMs;
      suspend(world, victim, ms);
      // Two faults of one clock would hide each other, and none of them would be seen.
      yield ms + between(world, 5_000, 8_000);
    }
  },
};

/** Somebody sets wall clocks, forward and back. */
export const jumps: Act = {
  name: 'jumps',
  weight: 1,
  *play(world) {
    for (let round = 0; round < 4; round++) {
      const victim = world.random() < 0.5 ? leaderOf(world) : anybody(world)[0];
      if (!victim) return;
      const before = victim.host.wallOffset;
      jump(world, victim, between(world, -1, 1) * (world.random() < 0.5 ? 2_000 : 600_000));
      yield between(world, 6_000, 9_000);
      // A clock that stays back would let tokens fall after a restart, which L3 does not promise to prevent.
      if (victim.host.wallOffset < before) jump(world, victim, before - victim.host.wallOffset);
      yield between(world, 6_000, 9_000);
    }
  },
};

/** Main threads are blocked; the protocol goes on (M4, L8). */
export const blocked: Act = {
  name: 'blocked',
  weight: 2,
  *play(world) {
    for (let round = 0; round < 2; round++) {
      const victim = world.random() < 0.5 ? leaderOf(world) : anybody(world)[0];
      if (!victim) return;
      block(world, victim, between(world, 500, 10_000));
      yield between(world, 10_000, 14_000);
    }
  },
};

/** The leader's clock is as slow as allowed, all others as fast, and then nobody hears it (L1: the drift bound). */
export const drift: Act = {
  name: 'drift',
  weight: 2,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    const leader = leaderOf(world);
    for (const host of world.hosts) host.setRate(host === leader.host ? 0.99 : 1.01);
    yield leaseMs * between(world, 1.5, 2.5);
    for (const other of others(world, leader)) cutWay(world, leader, other);
    yield leaseMs * 3;
  },
};

/**
 * A node stands still while it suspects another, which has long objected when the node goes on (T2, T3): paused, so that its
 * time ran out meanwhile, or suspended just before.
 */
export const missedObjection: Act = {
  name: 'missedObjection',
  weight: 0,
  *play(world) {
    for (let round = 0; round < 4; round++) {
      const [accused, judge] = anybody(world);
      if (!accused || !judge) return;
      pause(world, accused, 60_000);
      yield* untilSuspected(world, judge, accused);
      if (world.random() < 0.5) {
        yield between(world, 1_650, 1_950);
        suspend(world, judge, between(world, 6_000, 9_000));
      } else {
        // What others say against the accused waits for the judge, before its objection.
        yield between(world, 50, 400);
        pause(world, judge, between(world, 6_000, 9_000));
        yield between(world, 600, 1_300);
      }
      resume(world, accused);
      yield between(world, 10_000, 14_000);
    }
  },
};

function* untilSuspected(world: World, judge: Process, accused: Process): Generator<number, void, void> {
  for (let waited = 0; waited < 5_000 && !world.witness(judge).suspects(accused.info); waited += 20) yield 20;
}
