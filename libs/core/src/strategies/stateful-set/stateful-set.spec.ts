import type { ClusterStrategy, StrategyContext } from '../../ports/cluster-strategy.js';
import { statefulSet } from './stateful-set.js';

const ENV = { CLUSTER_SIZE: '3', CLUSTER_NAMESPACE: 'prod', CLUSTER_SERVICE: 'shop', HOSTNAME: 'shop-1' };

const discover = (strategy: ClusterStrategy): Promise<readonly string[]> =>
  strategy.discover(AbortSignal.timeout(1_000));

function context(name: string, port: number, notes: string[]): StrategyContext {
  return {
    cluster: 'default',
    secrets: ['a'],
    self: { name, incarnation: '0'.repeat(32), host: 'shop-1', port },
    loopbackOnly: false,
    found: () => undefined,
    wake: () => undefined,
    rejected: () => undefined,
    note: (text) => notes.push(text),
  };
}

describe('statefulSet', () => {
  it('names every pod, whether it has an address or not; the pods are the voters (L5)', async () => {
    const strategy = statefulSet().create(ENV);
    expect(await discover(strategy)).toEqual([
      'shop-0.shop.prod.svc.cluster.local:45893',
      'shop-1.shop.prod.svc.cluster.local:45893',
      'shop-2.shop.prod.svc.cluster.local:45893',
    ]);
    expect(strategy.voters?.()).toEqual(['shop-0', 'shop-1', 'shop-2']);
  });

  it("gives this node its pod's name and its pod's host", () => {
    const host = 'shop-1.shop.prod.svc.cluster.local';
    expect(statefulSet().create(ENV).identity?.()).toEqual({ name: 'shop-1', host });
    expect(
      statefulSet()
        .create({ ...ENV, HOSTNAME: 'laptop' })
        .identity?.(),
    ).toEqual({});
    expect(
      statefulSet()
        .create({ ...ENV, HOSTNAME: 'shop-db-0' })
        .identity?.(),
    ).toEqual({});
  });

  it('takes domain, StatefulSet and port where they differ', async () => {
    const more = { CLUSTER_SIZE: '1', CLUSTER_DOMAIN: 'k8s.lan', CLUSTER_STATEFULSET: 'shop-api' };
    const strategy = statefulSet({ service: 'shop-headless', port: 7000 }).create({ ...ENV, ...more });
    expect(await discover(strategy)).toEqual(['shop-api-0.shop-headless.prod.svc.k8s.lan:7000']);
    expect(strategy.voters?.()).toEqual(['shop-api-0']);
  });

  it('expects the others at the port that this node has', async () => {
    const strategy = statefulSet({ size: 1 }).create(ENV);
    await strategy.start?.(context('shop-0', 4711, []));
    expect(await discover(strategy)).toEqual(['shop-0.shop.prod.svc.cluster.local:4711']);
  });

  it('says so when this node is none of the pods', async () => {
    const notes: string[] = [];
    await statefulSet()
      .create(ENV)
      .start?.(context('shop-3', 4711, notes));
    await statefulSet()
      .create(ENV)
      .start?.(context('shop-2', 4711, notes));
    expect(notes).toEqual([
      expect.stringMatching(/shop-3 is none of the 3 pods of StatefulSet shop.*no vote/),
    ]);
  });

  it('reports everything that is missing together, by variable', () => {
    expect(
      statefulSet()
        .problems({})
        .map(({ option, variable }) => [option, variable]),
    ).toEqual([
      ['statefulSet.size', 'CLUSTER_SIZE'],
      ['statefulSet.namespace', 'CLUSTER_NAMESPACE'],
      ['statefulSet.service', 'CLUSTER_SERVICE'],
    ]);
    expect(
      statefulSet({ port: 0 }).problems({ ...ENV, CLUSTER_SIZE: '0', CLUSTER_SERVICE: 'Shop!' }),
    ).toEqual([
      {
        option: 'statefulSet.size',
        value: '0',
        rule: 'a whole number from 1 to 1000',
        variable: 'CLUSTER_SIZE',
      },
      expect.objectContaining({ option: 'statefulSet.service', value: 'Shop!' }),
      { option: 'statefulSet.port', value: 0, rule: 'a port from 1 to 65535' },
    ]);
    expect(statefulSet().problems(ENV)).toEqual([]);
  });
});
