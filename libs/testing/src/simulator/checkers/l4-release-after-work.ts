/**
 * L4: a lease is given back only after the work of its term has ended. Until then nobody else may lead, unless the lease
 * would have ended anyway.
 */
import type { Checker } from '../checker.js';
import type { World } from '../world.js';

export function releaseAfterWork(world: World): Checker {
  return {
    mayLead(process) {
      if (!process.isLeader()) return;
      for (const other of world.running) {
        const { granted, host, main } = other;
        if (other === process || main.working === undefined) continue;
        if (host.mono() < granted.lease.until && world.agenda.now < granted.trueUntil)
          world.violate(
            'L4',
            `${process.info.name} leads while work of ${other.info.name} still runs within its lease`,
          );
      }
    },
  };
}
