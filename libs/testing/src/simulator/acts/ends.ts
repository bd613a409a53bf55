/** Processes and hosts that end, and come back without their memory (M2, M3, M5, L4, L6). */
import type { Act } from '../act.js';
import { anybody, between, leaderOf, others } from '../act.js';
import { changeWeather, crash, cutWay, leave, loseHost, pause, restart, restartMissing } from '../faults.js';

/** The leader is killed; later somebody restarts it. */
export const crashLeader: Act = {
  name: 'crashLeader',
  weight: 2,
  *play(world) {
    const leader = leaderOf(world);
    crash(world, leader);
    yield world.settings.leadership.leaseMs * 2 + 1_000;
    restart(world, leader);
    yield between(world, 0, 5_000);
  },
};

/** A host is gone without a word. */
export const silence: Act = {
  name: 'silence',
  weight: 1,
  *play(world) {
    // Nodes that have seen faults lately accuse slowly; the promise is for those that are well.
    yield 25_000;
    const [lost] = anybody(world);
    if (!lost) return;
    loseHost(world, lost);
    yield 6_000 + between(world, 0, 6_000);
    if (world.random() < 0.5) restart(world, lost);
    yield 2_000;
  },
};

/** Kills and restarts in quick succession. */
export const flap: Act = {
  name: 'flap',
  weight: 2,
  *play(world) {
    for (let round = 0; round < 6; round++) {
      const [victim] = anybody(world);
      if (!victim) return;
      (world.random() < 0.8 ? crash : loseHost)(world, victim);
      yield between(world, 0, 500);
      restart(world, victim);
      yield between(world, 0, 2_000);
    }
  },
};

/** One after the other says goodbye and comes back. */
export const rollingRestart: Act = {
  name: 'rollingRestart',
  weight: 2,
  *play(world) {
    for (const process of anybody(world)) {
      leave(world, process);
      yield between(world, 500, 3_000);
      restartMissing(world);
      yield between(world, 100, world.settings.leadership.leaseMs * 2);
    }
  },
};

/** All acceptors but the leader forget what they voted, at the worst moment: the leader cannot be heard (L4). */
export const amnesia: Act = {
  name: 'amnesia',
  weight: 2,
  *play(world) {
    const leader = leaderOf(world);
    const voters = others(world, leader);
    world.conditions.clear();
    for (const process of voters) {
      world.conditions.setCut(leader.host.index, process.host.index, true);
      world.conditions.setCut(process.host.index, leader.host.index, true);
    }
    world.disturbed(`${leader.info.name} is cut off`);
    for (const process of voters) crash(world, process);
    yield between(world, 0, 30);
    restartMissing(world);
    yield world.settings.leadership.leaseMs * 2;
  },
};

/** Everybody has just started, some twice, and what they say of that comes late (L4: the silence after a start). */
export const dawn: Act = {
  name: 'dawn',
  weight: 0,
  *play(world) {
    const { leaseMs } = world.settings.leadership;
    for (let round = 0; round < 4; round++) {
      changeWeather(world, {
        duplication: 0.3,
        reordering: 0.5,
        tail: between(world, 0, 0.4),
        tailMs: between(world, 0.1, 2) * leaseMs,
      });
      for (const process of anybody(world)) if (world.random() < 0.8) crash(world, process);
      yield between(world, 0, 50);
      restartMissing(world);
      for (let blow = 0; blow < 12; blow++) {
        yield between(world, 0, 0.25) * leaseMs;
        const [victim, other] = anybody(world);
        if (!victim || !other) continue;
        const chance = world.random();
        if (chance < 0.4) {
          crash(world, victim);
          yield between(world, 0, 30);
          restartMissing(world);
        } else if (chance < 0.7) {
          cutWay(world, victim, other);
          if (world.random() < 0.5) cutWay(world, other, victim);
        } else if (chance < 0.85) {
          pause(world, victim, between(world, 0, 1.5) * leaseMs);
        } else world.conditions.clear();
      }
      yield leaseMs * between(world, 0, 2);
      world.conditions.clear();
      world.disturbed('ways are open');
    }
  },
};

/** Everything stops; wall clocks go on; everything starts again (L3). */
export const fullRestart: Act = {
  name: 'fullRestart',
  weight: 1,
  *play(world) {
    for (const process of anybody(world)) crash(world, process);
    // Somebody corrects the clocks, forward: they do not go back, in the sense of L3, and stay together from here on.
    const furthest = Math.max(...world.hosts.map(({ wallOffset }) => wallOffset));
    for (const host of world.hosts) host.wallOffset = furthest;
    yield between(world, 100, 5_000);
    restartMissing(world);
    yield between(world, 500, 5_000);
  },
};

/** The leader is shut down six times, each time that everybody says that the cluster is green (L6). */
export const rollingLeaders: Act = {
  name: 'rollingLeaders',
  weight: 0,
  suits: ({ settings }) => settings.weather.loss === 0,
  *play(world) {
    const isGreen = (): boolean =>
      [...world.running].every((process) => world.witness(process).state === 'green');
    for (let round = 0; round < 6; round++) {
      leave(world, leaderOf(world));
      yield between(world, 1_300, 2_000);
      restartMissing(world);
      for (let waited = 0; waited < 60_000 && !(isGreen() && world.leader()); waited += 20) yield 20;
      yield between(world, 0, 40);
    }
  },
};
