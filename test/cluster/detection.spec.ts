/**
 * How soon real processes notice, with default settings. NEST_CLUSTER_RUNS sets how often each thing is done; the
 * distributions are printed, and NEST_CLUSTER_ROOM=1 holds them to the promise without any room for noise.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import { distribution, quantile, until, withRoom } from '../support/until.js';

const RUNS = Number(process.env['NEST_CLUSTER_RUNS'] ?? 5);
const report: string[] = [];

afterAll(() => {
  process.stderr.write(`${report.join('\n')}\n`);
});

function note(what: string, values: readonly number[]): void {
  report.push(`${what}: ${distribution(values)}`);
}

/** Who has just started stays silent for one lease (L4), and until then a second loss would cost the quorum. */
async function replace(cluster: DemoCluster, name: string, leaseMs = 2_000): Promise<void> {
  cluster.add(name);
  await cluster.settled();
  const votesAt = Date.now() + leaseMs * 1.05;
  await until(`${name} votes`, () => Date.now() > votesAt);
}

describe('three processes', () => {
  let cluster: DemoCluster;

  beforeAll(async () => {
    cluster = await DemoCluster.start(3);
  });

  afterAll(() => cluster.stop());

  it('M2, L6: a killed node is down on every other node within 250 ms, and a killed leader is replaced in time', async () => {
    const noticed: number[] = [];
    const replaced: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const leader = await cluster.settled();
      const victim = run % 2 === 0 ? leader : (cluster.others(leader)[0] ?? leader);
      const since = Date.now();
      await victim.end('SIGKILL');
      const killedAt = Date.now();
      for (const other of cluster.others(victim)) {
        const down = await cluster.event(
          other,
          since,
          `${victim.name} failing`,
          ({ type, node, reason }) => type === 'nodeDown' && node === victim.name && reason === 'failed',
        );
        noticed.push(down.at - since);
        if (victim !== leader) continue;
        const next = await cluster.event(
          other,
          killedAt,
          'a next leader',
          ({ type, node }) => type === 'leaderChanged' && node !== null && node !== victim.name,
        );
        replaced.push(next.at - since);
      }
      await replace(cluster, victim.name);
    }
    note('kill -9 to nodeDown', noticed);
    note('kill -9 of the leader to the next', replaced);
    expect(quantile(noticed, 0.5)).toBeLessThanOrEqual(withRoom(50));
    expect(quantile(noticed, 0.99)).toBeLessThanOrEqual(withRoom(250));
    expect(Math.max(...replaced)).toBeLessThanOrEqual(withRoom(2_500));
  }, 300_000);

  it('M5, L6: a node that is told to end has left within 100 ms, and its lead is taken over within 200 ms', async () => {
    const noticed: number[] = [];
    const replaced: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const leader = await cluster.settled();
      const since = Date.now();
      leader.signal('SIGTERM');
      for (const other of cluster.others(leader)) {
        const down = await cluster.event(
          other,
          since,
          `${leader.name} leaving`,
          ({ type, node }) => type === 'nodeDown' && node === leader.name,
        );
        expect(down.reason).toBe('left');
        noticed.push(down.at - since);
        const next = await cluster.event(
          other,
          since,
          'a next leader',
          ({ type, node }) => type === 'leaderChanged' && node !== null && node !== leader.name,
        );
        replaced.push(next.at - since);
      }
      await until('it has ended', () => !leader.isRunning);
      expect(leader.log.join('\n')).not.toMatch(/suspect/);
      await replace(cluster, leader.name);
    }
    note('SIGTERM to nodeDown(left)', noticed);
    note('SIGTERM of the leader to the next', replaced);
    expect(quantile(noticed, 0.5)).toBeLessThanOrEqual(withRoom(100));
    expect(quantile(replaced, 0.5)).toBeLessThanOrEqual(withRoom(200));
  }, 300_000);

  it('M3: a stopped node is down within 5 s, and is back without a restart when it goes on', async () => {
    const noticed: number[] = [];
    for (let run = 0; run < Math.max(1, RUNS / 5); run++) {
      const leader = await cluster.settled();
      const since = Date.now();
      leader.signal('SIGSTOP');
      for (const other of cluster.others(leader)) {
        const down = await cluster.event(
          other,
          since,
          `${leader.name} down`,
          ({ type, node }) => type === 'nodeDown' && node === leader.name,
        );
        noticed.push(down.at - since);
      }
      await until('10 s have passed', () => Date.now() - since > 10_000);
      const resumedAt = Date.now();
      leader.signal('SIGCONT');
      await cluster.settled();
      for (const other of cluster.others(leader)) {
        const about = (await other.events()).filter(({ at, node, type }) => {
          return at >= since && node === leader.name && type.startsWith('node');
        });
        expect(about.map(({ type }) => type)).toEqual(['nodeDown', 'nodeUp']);
        expect(about[1]?.at).toBeGreaterThanOrEqual(resumedAt);
      }
      const late = (await leader.runs()).filter(({ at }) => at > since + 2_100 && at < resumedAt + 1_000);
      expect(late).toEqual([]);
    }
    note('SIGSTOP to nodeDown', noticed);
    expect(Math.max(...noticed)).toBeLessThanOrEqual(withRoom(5_000));
  }, 300_000);

  it('M4, L8: a blocked main thread is degraded and loses the lead, but nobody calls it down', async () => {
    const leader = await cluster.settled();
    const [other] = cluster.others(leader);
    if (!other) throw new Error('nobody else is there');
    const since = Date.now();
    await leader.block(10_000);
    await until('it shows as degraded', async () =>
      (await other.status()).nodes.some(({ name, status }) => name === leader.name && status === 'degraded'),
    );
    const next = await cluster.event(
      other,
      since,
      'another leading',
      ({ type, node }) => type === 'leaderChanged' && node !== null && node !== leader.name,
    );
    expect(next.at - since).toBeLessThan(6_000);
    await until('it answers again', async () => (await leader.status()).self === leader.name);
    await cluster.settled();
    for (const node of cluster.nodes.values()) {
      if (!node.isRunning) continue;
      const alarms = (await node.events()).filter(({ at, type }) => at >= since && type === 'nodeDown');
      expect(alarms).toEqual([]);
    }
  }, 120_000);

  it('M1: a restart under the same name is down then up, in a new incarnation', async () => {
    const leader = await cluster.settled();
    const [victim, witness] = cluster.others(leader);
    if (!victim || !witness) throw new Error('too few nodes');
    const since = Date.now();
    await victim.end('SIGKILL');
    await replace(cluster, victim.name);
    const about = (await witness.events()).filter(({ at, node, type }) => {
      return at >= since && node === victim.name && /^node(Up|Down)$/.test(type);
    });
    expect(about.map(({ type }) => type)).toEqual(['nodeDown', 'nodeUp']);
    expect(about[0]?.incarnation).not.toBe(about[1]?.incarnation);
  }, 60_000);
});

describe('with a lease of 800 ms', () => {
  it('L6: a killed leader is replaced within lease + 500 ms', async () => {
    const cluster = await DemoCluster.start(3, { CLUSTER_LEASE_MS: '800' });
    try {
      const replaced: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const leader = await cluster.settled();
        const since = Date.now();
        await leader.end('SIGKILL');
        for (const other of cluster.others(leader)) {
          const next = await cluster.event(
            other,
            since,
            'a next leader',
            ({ type, node }) => type === 'leaderChanged' && node !== null && node !== leader.name,
          );
          replaced.push(next.at - since);
        }
        await replace(cluster, leader.name, 800);
      }
      note('kill -9 of the leader to the next, lease 800 ms', replaced);
      expect(quantile(replaced, 0.5)).toBeLessThanOrEqual(withRoom(1_300));
    } finally {
      await cluster.stop();
    }
  }, 300_000);
});
