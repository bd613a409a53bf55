/**
 * L6: after the leader's end, or once it stepped down and its work has ended, another leads within a bound – as long as
 * nothing else happens meanwhile.
 */
import type { Checker } from '../checker.js';
import { quorumOf } from '../settings.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

/** Clocks may be 1 % off on both sides, and timers late. */
const SLACK = 1.03;
const FAILOVER_MS = 500;
const HANDOVER_MS = 200;

export function failover(world: World): Checker {
  const { leaseMs } = world.settings.leadership;
  const { delayMs, jitterMs } = world.settings.weather;
  const roundsMs = 20 * (delayMs + 2 * jitterMs);

  function expectLeader(ms: number, what: string, stamp: number, ender?: Process): void {
    world.agenda.in(ms, () => {
      const allowed = stamp + (ender?.leaving && ender.ended ? 1 : 0);
      if (world.disturbances === allowed && !world.leader())
        world.violate('L6', `nobody leads ${Math.round(ms)} ms after ${what}`);
    });
  }

  /** A lease that runs out while its work still ends is free all the same. */
  function expectHandover(process: Process): void {
    const stamp = world.disturbances;
    const { token } = process.granted.lease;
    const wait = (): void => {
      if (world.disturbances !== stamp) return;
      // A node that leaves while its work goes on cannot give the lease back.
      if (world.agenda.now > process.granted.trueUntil || process.hasLeft) return;
      if (process.main.working === token) return world.agenda.in(1, wait);
      const what = `the work of ${process.info.name} ended after a step-down`;
      // A node that shuts down ends meanwhile, and nothing else may happen.
      expectLeader(HANDOVER_MS + roundsMs, what, stamp, process);
    };
    wait();
  }

  const isSettled = (): boolean =>
    world.conditions.weather.loss === 0 &&
    world.isCalm(3 * leaseMs) &&
    world.votersRunning() > quorumOf(world.settings);

  /** Everybody says that nobody is missing: then nothing more is asked for. */
  const isGreen = (): boolean =>
    world.conditions.weather.loss === 0 &&
    world.isFair(3 * leaseMs) &&
    world.votersRunning() > quorumOf(world.settings) &&
    [...world.running].every(
      (process) => !process.halted && !process.main.blocked && world.witness(process).state === 'green',
    );

  return {
    ended(process, how) {
      if (!process.isLeader() || !isSettled() || how === 'left') return;
      const ms = leaseMs * SLACK + FAILOVER_MS + roundsMs;
      // The end itself counts as a disturbance, right after this.
      expectLeader(ms, `${process.info.name}, who led, ${how}`, world.disturbances + 1);
    },
    askedToStepDown(process) {
      if (process.isLeader() && (isSettled() || isGreen())) expectHandover(process);
    },
  };
}
