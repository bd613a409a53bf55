/**
 * Callers without the token send a leader what is slow to parse: it goes on leading, and answers others quickly.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import { RawCall } from '../support/raw-call.js';
import { quantile, until, withRoom } from '../support/until.js';

const PER_SECOND = 40;
/** Longer than a leader may stall. */
const SECONDS = 8;
const BRACKETS = Buffer.alloc(2 * 1024 * 1024, '[');

describe('a leader that is sent forty hostile bodies a second', () => {
  let cluster: DemoCluster;
  const hostile: RawCall[] = [];

  beforeEach(async () => {
    cluster = await DemoCluster.start(3, { CLUSTER_MANAGEMENT_TOKEN: 'nobody-has-it' });
  });
  afterEach(async () => {
    for (const call of hostile.splice(0)) call.close();
    await cluster.stop();
  });

  it('leads on, and its readiness is told quickly', async () => {
    const leader = await cluster.settled();
    const { token } = (await leader.status()).leader ?? {};
    const origin = leader.address('');
    const waits: number[] = [];
    const begin = performance.now();
    await until('all are sent', async () => {
      const due = Math.min(PER_SECOND * SECONDS, ((performance.now() - begin) / 1_000) * PER_SECOND);
      while (hostile.length < due)
        hostile.push(RawCall.withBody(origin, 'PUT /cluster/keys/x', BRACKETS.length, BRACKETS, ''));
      const before = performance.now();
      expect((await leader.fetch('/cluster/leader/readiness')).status).toBe(200);
      waits.push(performance.now() - before);
      return hostile.length === PER_SECOND * SECONDS;
    });
    await until('all are refused', () => hostile.every(({ status }) => status === 401));
    expect(quantile(waits, 0.9)).toBeLessThan(withRoom(250));
    expect((await leader.status()).leader).toEqual({ node: leader.name, token });
    await cluster.settled();
  });
});
