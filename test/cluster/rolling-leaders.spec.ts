/**
 * L6: a rolling restart that waits for green between its steps never costs more than a hand-over, also where it always hits
 * the leader.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import { until } from '../support/until.js';

const ROUNDS = 6;
const HANDOVER_MS = 200;

/** Beside the hand-over: the signal arrives, and the application begins to shut down. */
const SIGNAL_MS = 100;

it(`L6: ${ROUNDS} leaders shut down one after another, each when all are green again, hand over at once`, async () => {
  const cluster = await DemoCluster.start(3);
  const tookMs: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const leader = await cluster.settled();
      const others = cluster.others(leader);
      const before = await leader.status();
      const since = Date.now();
      const ended = leader.end('SIGTERM');
      const next = await until('another leads', async () => {
        for (const other of others) {
          const acquired = (await other.events()).find(
            ({ type, at, token = 0 }) =>
              type === 'leadershipAcquired' && at >= since && token > (before.leader?.token ?? 0),
          );
          if (acquired) return acquired;
        }
        return undefined;
      });
      tookMs.push(next.at - since);
      await ended;
      cluster.add(leader.name);
    }
    expect(tookMs).toHaveLength(ROUNDS);
    expect(Math.max(...tookMs)).toBeLessThan(HANDOVER_MS + SIGNAL_MS);
  } finally {
    process.stdout.write(`hand-overs: ${tookMs.join(', ')} ms\n`);
    await cluster.stop();
  }
});
