/**
 * Choices for partitions that wait (P4): contradicting ones, and ones that are interrupted.
 */
import { until, within } from '../until.js';
import type { Play } from './play.js';
import type { Scenario } from './scenario.js';

const FILLED = 100_000;
const SOON_MS = 150;
const PATIENCE_MS = 30_000;
/** For a few keys. */
const COPIED_WITHIN_MS = 5_000;
/** Far more than there are partitions. */
const MERGES = 18;

/** Two sides that have met again, each with something of its own, and wait. */
async function sidesWait(play: Play, one: readonly number[], other: readonly number[]): Promise<void> {
  const mend = play.cut(one, other);
  await play.apart(one, other);
  for (const [host = 0] of [one, other]) await play.writeMany(host, `side-${host}`, 5, 'local');
  mend();
  play.step('the sides meet');
  for (const host of [...one, ...other]) await play.waiting(host);
  // Nothing is exchanged before somebody has chosen.
  for (const [here = 0] of [one, other])
    for (const [there = 0] of [one, other])
      if (here !== there) await play.expectAbsent('P4', here, `side-${there}-0`);
}

export const crossedChoices: Scenario = {
  title: 'P4: of two choices at one time one counts, and never is a store left that nobody has',
  profile: { hosts: 3, recovery: 'manual' },
  tries: 3,
  isSettled: true,
  async play(play) {
    await play.writeMany(1, 'before', 300, 'quorum');
    await sidesWait(play, [1], [2, 3]);
    const [here, there] = await Promise.all([play.waiting(1), play.waiting(2)]);
    const mend = play.cut([1], [2, 3]);
    const told = Promise.all([
      play.choose(1, here, { choose: 'keep', side: play.name(2) }),
      play.choose(2, there, { choose: 'keep', side: play.name(1) }),
    ]);
    await play.hold(400);
    mend();
    await told;
  },
};

export const crossedChoicesOfOneSide: Scenario = {
  title: 'P4: two choices at one time leave nobody without a store for ever',
  profile: { hosts: 3, recovery: 'manual' },
  tries: 3,
  isSettled: true,
  async play(play) {
    await play.fill(1, FILLED);
    await play.inSync(1, 2, 3);
    await sidesWait(play, [1, 3], [2]);
    const [one, three] = await Promise.all([play.waiting(1), play.waiting(3)]);
    const mend = play.cut([3], [1, 2]);
    const told = Promise.all([
      play.choose(1, one, { choose: 'keep', side: play.name(3) }),
      play.choose(3, three, { choose: 'keep', side: play.name(2) }),
    ]);
    await play.hold(250);
    mend();
    await told;
  },
  after: (play) => play.expectFilled('P4', FILLED),
};

export const keepThenKill: Scenario = {
  title:
    'P4, S2: a choice whose kept side is killed in the middle of the copy costs nothing that all had confirmed',
  profile: { hosts: 3, recovery: 'manual' },
  tries: 3,
  isSettled: true,
  async play(play) {
    await play.writeMany(1, 'early', 50, 'quorum');
    await play.fill(1, FILLED);
    await play.writeMany(1, 'late', 50, 'quorum');
    await play.inSync(1, 2, 3);
    await sidesWait(play, [1], [2, 3]);
    const partition = await play.waiting(2);
    const told = play.choose(2, partition, { choose: 'keep', side: play.name(1) });
    await play.hold(SOON_MS);
    await play.kill(1);
    await told;
    await until('2 and 3 have seen it go', PATIENCE_MS, async () => {
      await play.apart([2, 3]);
      return true;
    });
    await play.hold(2_000);
    await play.expectFilled('S2', FILLED);
  },
  after: (play) => play.expectFilled('S2', FILLED),
};

export const keepThenCut: Scenario = {
  title:
    'P4, S2: a choice that a new cut interrupts, and a restart of the minority, cost nothing that all had confirmed',
  profile: { hosts: 5, recovery: 'manual' },
  tries: 3,
  isSettled: true,
  async play(play) {
    await play.writeMany(1, 'early', 50, 'quorum');
    await play.fill(1, FILLED);
    await play.writeMany(1, 'late', 50, 'quorum');
    await play.inSync(1, 2, 3, 4, 5);
    await sidesWait(play, [1, 2], [3, 4, 5]);
    const partition = await play.waiting(1);
    const told = play.choose(1, partition, { choose: 'keep', side: play.name(1) });
    await play.hold(SOON_MS);
    const mend = play.cut([1, 2], [3, 4, 5]);
    await told;
    await Promise.all([1, 2].map((host) => play.kill(host)));
    await Promise.all([1, 2].map(async (host) => play.cluster.listening(play.cluster.start(host))));
    await play.apart([3, 4, 5]);
    mend();
    play.step('healed');
  },
  after: (play) => play.expectFilled('S2', FILLED),
};

export const threeSides: Scenario = {
  title: 'P4: with three sides each partition ends by a choice',
  profile: { hosts: 4, recovery: 'manual' },
  tries: 8,
  isSettled: true,
  async play(play) {
    await play.writeMany(1, 'before', 20, 'quorum');
    const mend = play.cut([1, 2], [3], [4]);
    await play.apart([1, 2], [3], [4]);
    for (const host of [1, 3, 4]) await play.writeMany(host, `side-${host}`, 5, 'local');
    mend();
    play.step('three sides meet');
    for (const host of [1, 2, 3, 4]) await play.waiting(host);
    await play.choose(3, await play.waiting(3, 3, 4), { choose: 'keep', side: play.name(3) });
    const isOne = await within(COPIED_WITHIN_MS, async () => {
      const waiting = [...(await play.partitions(3)), ...(await play.partitions(4))];
      const isApart = waiting.some(({ sides }) => {
        const sideOf = (host: number) => sides.find((side) => side.includes(play.name(host)));
        return sideOf(3) !== undefined && sideOf(4) !== undefined && sideOf(3) !== sideOf(4);
      });
      return !isApart && (await play.isReady(4));
    });
    if (isOne === undefined)
      play.broken.push({
        rule: 'P4',
        what: 'a choice for two sides is not carried out while a third one waits',
      });
    // Whatever still waits is merged, at the first node that shows it; each attempt asks them in another order.
    await mergeAll(play, play.attempt);
  },
};

async function mergeAll(play: Play, attempt: number): Promise<void> {
  const { hosts } = play.cluster;
  const order = hosts.map((_, index) => hosts[(index + attempt) % hosts.length] ?? 0);
  for (let round = 1; round <= MERGES; round++) {
    const shown = await Promise.all(
      order.map(async (host) => ({ host, partitions: await play.partitions(host) })),
    );
    const first = shown.find(({ partitions }) => partitions.length > 0);
    const partition = first?.partitions.at(attempt > hosts.length ? -1 : 0);
    if (first === undefined || partition === undefined) return;
    await play.choose(first.host, partition, { choose: 'merge' });
    await play.hold(SOON_MS);
  }
}
