/**
 * Leadership by a Kubernetes Lease on an API that fails (L1, L3): a real server does not fail on demand, so this is the fake.
 */
import { Logger } from '@nestjs/common';
import { kubernetesLease } from '@nest-cluster/kubernetes';
import { until } from '../support/until.js';
import { fakeApiServer, type FakeApiServer } from './kubernetes/api-server.js';
import {
  editLease,
  LEASE_MS,
  LeaseNode,
  loggedLines,
  monotonicNow,
  storedLease,
} from './kubernetes/lease-node.js';

describe('a Lease on an API that fails', () => {
  let server: FakeApiServer;
  let node: LeaseNode;
  let logged: readonly string[];
  const begin = async (kubeConfig = server.kubeConfig): Promise<void> => {
    node = new LeaseNode('shop-0', kubeConfig);
    await node.start();
    await until('it leads', () => node.isLeader);
  };

  beforeEach(async () => {
    logged = loggedLines();
    server = await fakeApiServer();
  });

  afterEach(async () => {
    server.fake.fault = () => undefined;
    await node.lease.stop();
    await server.close();
    Logger.overrideLogger(false);
  });

  it.each([401, 403, 409, 410, 429, 500, 503])('rides out a short spell of %d', async (status) => {
    await begin();
    let count = 0;
    server.fake.fault = ({ method, isWatch }) =>
      method === 'PUT' && !isWatch && count++ < 3 ? { status } : undefined;
    await until('it was refused and renewed after it', () => count > 4);
    expect(node.isLeader).toBe(true);
    expect(node.told).toHaveLength(1);
  });

  it('renews with a rotated token, without a line in the log (401)', async () => {
    await begin();
    const { renewTime } = storedLease(server).spec;
    await server.rotateToken();
    await until('it renewed', () => storedLease(server).spec['renewTime'] !== renewTime);
    expect(logged).toEqual([]);
    expect(node.told).toHaveLength(1);
  });

  it('waits no longer for credentials than for an answer, and leads again once they come', async () => {
    let hangs = false;
    await begin(async () => {
      const config = await server.kubeConfig();
      const apply = config.applyToHTTPSOptions.bind(config);
      config.applyToHTTPSOptions = (options) => (hangs ? new Promise(() => undefined) : apply(options));
      return config;
    });
    hangs = true;
    await until('the loss is told', () => node.told.includes('lost engineFailed'));
    hangs = false;
    await until('it leads again', () => node.isLeader);
    expect(logged[0]).toMatch(/cannot be updated.*no answer within/);
  });

  it('goes on when an answer was lost but the write was not', async () => {
    await begin();
    let drops = 0;
    server.fake.fault = ({ method }) => (method === 'PUT' && drops++ < 2 ? { drop: true } : undefined);
    await until('answers were lost and it renewed after it', () => drops > 3);
    expect(node.isLeader).toBe(true);
    expect(node.told).toHaveLength(1);
  });

  it.each([
    ['refuses', () => server.fake.close()],
    ['hangs', () => (server.fake.fault = () => ({ hang: true }))],
    ['fails', () => (server.fake.fault = () => ({ status: 500 }))],
  ])(
    'leads to the end of its lease and no longer while the server %s, and says so once',
    async (_, outage) => {
      await begin();
      await outage();
      const until0 = node.lease.leadsUntil();
      await until('it leads no more', () => !node.isLeader);
      expect(monotonicNow()).toBeLessThan(Math.max(until0, node.lease.leadsUntil()) + LEASE_MS);
      await until('the loss is told', () => node.told.includes('lost engineFailed'));
      server.fake.fault = () => undefined;
      await server.fake.close();
      await server.fake.listen();
      await until('it leads again', () => node.isLeader);
      const [first = '', , second = ''] = node.told;
      expect(Number(second.split(' ')[1])).toBeGreaterThan(Number(first.split(' ')[1]));
      expect(new Set(logged).size).toBe(logged.length);
      expect(logged[0]).toMatch(/cannot be updated/);
      expect(logged.at(-1)).toBe('Lease shop/shop can be updated again');
    },
  );

  it('leaves the lease to somebody who took it by hand, at the next renewal', async () => {
    await begin();
    editLease(server, { spec: { holderIdentity: 'an operator' } });
    await until('the loss is told', () => node.told.includes('lost refused'));
    expect(node.lease.leader()?.name).toBe('an operator');
  });

  it('gives the lease back when it stops, and leaves no watch open', async () => {
    await begin();
    await node.lease.stop();
    expect(storedLease(server).spec['holderIdentity']).toBe('');
    await until('the watch is closed', () => server.fake.watchCount === 0);
  });

  it('stops in time though the server hangs', async () => {
    await begin();
    server.fake.fault = () => ({ hang: true });
    const before = Date.now();
    await node.lease.stop();
    expect(Date.now() - before).toBeLessThan(LEASE_MS * 1.5);
  });

  it('refuses settings that cannot be', async () => {
    await begin();
    const wrong = kubernetesLease({ name: 'Not_Allowed', leaseSeconds: 1 });
    const listener = { acquired: () => undefined, lost: () => undefined, leaderChanged: () => undefined };
    const started = wrong.start(
      { cluster: 'test', name: 'x', incarnation: 'y', candidate: true, priority: 0, rank: () => 0 },
      listener,
    );
    await expect(started).rejects.toThrow(/kubernetesLease.name.*kubernetesLease.leaseSeconds.*2 to 3600/);
  });
});
