/**
 * L3: every term has a token of its own, greater than all before it. When voters forget, their clocks take over: then it
 * holds as long as clocks agree better than the time for which a restarted voter is silent.
 */
import type { Checker } from '../checker.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

export function tokenGrows(world: World): Checker {
  let highest = 0;
  let holder: Process | undefined;
  let hasForgotten = false;
  /** How far ahead any host's wall clock ever was. */
  let furthestMs = Number.NEGATIVE_INFINITY;

  const mayFall = (): boolean =>
    hasForgotten &&
    furthestMs - Math.min(...world.hosts.map(({ wallOffset }) => wallOffset)) >
      world.settings.leadership.leaseMs / 2;

  return {
    started({ host }) {
      furthestMs = Math.max(furthestMs, host.wallOffset);
    },
    ended() {
      hasForgotten = true;
    },
    mayLead(process) {
      const { token } = process.lease;
      if (!process.isLeader() || (token === highest && process === holder)) return;
      if (token <= highest && !mayFall())
        world.violate(
          'L3',
          `${process.info.name} leads with token ${token}; ${highest} was given out before`,
        );
      highest = token;
      holder = process;
      hasForgotten = false;
    },
    event(process, event) {
      if (event.type === 'leadershipAcquired' && event.token !== process.lease.token)
        world.violate(
          'L3',
          `${process.info.name} was told token ${event.token}, its lease says ${process.lease.token}`,
        );
    },
  };
}
