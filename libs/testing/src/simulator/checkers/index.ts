/** Every checker of a run; a new one is added here. */
import type { World } from '../world.js';
import { Convergence } from './convergence.js';
import { oneLeader } from './l1-one-leader.js';
import { tokenGrows } from './l3-token-grows.js';
import { releaseAfterWork } from './l4-release-after-work.js';
import { quorumFalls } from './l5-quorum-falls.js';
import { failover } from './l6-failover.js';
import { alternation } from './m1-alternation.js';
import { departures } from './m3-departures.js';
import { noFalseAlarm } from './m4-no-false-alarm.js';
import { load } from './m6-load.js';
import { oneName } from './t1-one-name.js';
import { readsFirst } from './t3-reads-first.js';

export { Convergence } from './convergence.js';

/** Puts all checkers into the world; the one for convergence also tells when an act may begin. */
export function installCheckers(world: World): Convergence {
  const convergence = new Convergence(world);
  world.checkers.all.push(
    oneLeader(world),
    tokenGrows(world),
    releaseAfterWork(world),
    quorumFalls(world),
    failover(world),
    alternation(world),
    departures(world),
    noFalseAlarm(world),
    load(world),
    oneName(world),
    readsFirst(world),
    convergence,
  );
  return convergence;
}
