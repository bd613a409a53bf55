import { CLUSTER_OPTIONS, ClusterLeadership, ClusterStore } from '@nest-cluster/core';
import { ClusterTestingModule, eventually, isolatedCluster } from '@nest-cluster/testing';
import { Test } from '@nestjs/testing';
import { AppModule, Reports } from './app.module.js';

it('writes a report that the application can read', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(CLUSTER_OPTIONS)
    .useValue(isolatedCluster())
    .compile();
  const app = module.createNestApplication();
  await app.init();
  try {
    await eventually('it leads', () => app.get(ClusterLeadership).isLeader());
    await app.get(Reports).hourly();
    expect(app.get(ClusterStore).has('last-report')).toBe(true);
  } finally {
    await app.close();
  }
});

it('writes one report on three nodes', async () => {
  const cluster = await ClusterTestingModule.start({ nodes: 3, application: AppModule });
  try {
    await eventually('all have the store', () => cluster.nodes.every(({ store }) => store.ready));
    await Promise.all(cluster.nodes.map((node) => node.get(Reports).hourly()));
    await eventually('all have the report', () =>
      cluster.nodes.every(({ store }) => store.has('last-report')),
    );
  } finally {
    await cluster.close();
  }
});
