/**
 * Restarts while the network is apart.
 */
import type { Scenario } from './scenario.js';

const CUT_MS = 20_000;

export const sideRestartedInCut: Scenario = {
  title:
    'S2: what a majority confirmed stays when a whole minority is restarted one by one on the other side',
  profile: { hosts: 5 },
  tries: 6,
  isSettled: true,
  async play(play) {
    const mendHalves = play.cut([1, 2], [3, 4, 5]);
    await play.apart([1, 2], [3, 4, 5]);
    await play.write(3, 'w');
    const mendFifth = play.cut([3, 4], [5]);
    await play.apart([1, 2], [3, 4], [5]);
    for (const host of [1, 2]) {
      await play.restart(host);
      await play.inSync(1, 2);
    }
    await play.write(1, 'other', 'local');
    const mendRest = play.cut([1, 2], [5]);
    mendHalves();
    play.step('{1,2} and {3,4} meet');
    await play.inSync(1, 2, 3, 4);
    mendRest();
    mendFifth();
    play.step('{5} comes back');
  },
};

export const rollingRestartInCut: Scenario = {
  title: 'P3: what a node wrote while it was cut off is merged, although the others were restarted meanwhile',
  profile: { hosts: 3 },
  tries: 2,
  isSettled: true,
  async play(play) {
    await play.writeMany(1, 'before', 5, 'all');
    const mend = play.cut([1, 2], [3]);
    await play.apart([1, 2], [3]);
    for (let key = 1; key <= 5; key++) await play.write(3, `alone-${key}`, 'local');
    for (const host of [1, 2]) {
      await play.restart(host);
      await play.inSync(1, 2);
    }
    await play.hold(CUT_MS / 4);
    mend();
    play.step('healed');
  },
};

export const renamedRestarts: Scenario = {
  title: 'L1: with `size` alone there is one leader, although processes come back under new names',
  profile: { hosts: 5, voters: 'size' },
  env: { CLUSTER_LEASE_MS: '30000', CLUSTER_MEMBERSHIP_SUSPICION_MS: '5000' },
  tries: 3,
  isSettled: false,
  async play(play) {
    const old = await play.leader();
    const rest = play.cluster.hosts.filter((host) => host !== old);
    const spare = play.cluster.hosts.length + 1;
    play.cut([old], [...rest, spare]);
    // None of them has lost a vote that it could have given to another by the time it is asked again.
    await Promise.all(rest.map((host) => play.kill(host)));
    await Promise.all(rest.map(async (host) => play.cluster.listening(play.cluster.start(host, true))));
    await play.apart(rest);
    const [gone = 0, ...others] = rest;
    play.cut([gone], [...others, spare]);
    await play.kill(gone);
    play.step(`a process of a new name takes its place, on host ${spare}`);
    await play.cluster.listening(play.cluster.start(spare, true));
    await play.hold(CUT_MS);
  },
};
