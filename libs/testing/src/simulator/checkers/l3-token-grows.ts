/**
 * L3: every term has a token of its own, greater than all before it.
 */
import type { Checker } from '../checker.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

export function tokenGrows(world: World): Checker {
  let highest = 0;
  let holder: Process | undefined;
  return {
    mayLead(process) {
      const { token } = process.lease;
      if (!process.isLeader() || (token === highest && process === holder)) return;
      if (token <= highest)
        world.violate(
          'L3',
          `${process.info.name} leads with token ${token}; ${highest} was given out before`,
        );
      highest = token;
      holder = process;
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
