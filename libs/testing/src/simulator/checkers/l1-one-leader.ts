/**
 * L1: at no instant of true time do two processes answer that they lead. A process can only begin to say so when a lease
 * is set, when it goes on after a pause, or when a clock is set: looking at those instants sees every overlap.
 */
import type { Checker } from '../checker.js';
import type { World } from '../world.js';

export function oneLeader(world: World): Checker {
  return {
    mayLead(process) {
      if (!process.isLeader()) return;
      for (const other of world.running) {
        if (other === process || !other.isLeader()) continue;
        const left = (other.lease.until - other.host.mono()).toFixed(3);
        world.violate(
          'L1',
          `${process.info.name} (token ${process.lease.token}) and ${other.info.name} (token ${other.lease.token}, ${left} ms left) both lead`,
        );
      }
    },
  };
}
