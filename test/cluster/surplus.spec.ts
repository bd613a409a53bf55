/**
 * L5: a node above the size that is killed leaves nothing behind: the quorum falls, and the cluster bears the next crash as
 * it did before.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import { until } from '../support/until.js';

const FALLS_MS = 30_000;

it('L5: a fourth node of three is killed, and within 30 s three are expected, and two are enough', async () => {
  const cluster = await DemoCluster.start(3);
  try {
    const guest = cluster.add('guest@test');
    await cluster.settled();
    await guest.end('SIGKILL');
    const since = Date.now();
    const leader = await cluster.settled('green', FALLS_MS);
    process.stdout.write(`green again after ${Date.now() - since} ms\n`);
    await leader.end('SIGKILL');
    const [one] = cluster.others(leader);
    await until('the other two have a leader', async () => {
      const status = await one?.status();
      return status?.state === 'yellow' && status.leader !== null && status.leader.node !== leader.name;
    });
  } finally {
    await cluster.stop();
  }
});
