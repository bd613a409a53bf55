/**
 * Modules that import `ClusterModule` themselves, in tests: on several nodes, or alone, and always apart from the network.
 */
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  CLUSTER_OPTIONS,
  Cluster,
  ClusterLeadership,
  ClusterModule,
  ClusterStore,
  gossip,
} from '@nest-cluster/core';
import { ClusterTestingModule, eventually, isolatedCluster } from './index.js';

@Injectable()
class Mailer {
  readonly kind: string = 'real';
}

/** It would look for others on the machine. */
@Module({
  imports: [ClusterModule.forRoot(gossip({ port: 45_892 }), { cluster: 'dev', name: 'dev@test', size: 5 })],
  providers: [Mailer],
})
class AppModule {}

describe('an application that imports ClusterModule itself', () => {
  it('runs on several nodes of a test, with what the test replaces', async () => {
    const cluster = await ClusterTestingModule.start({
      nodes: ['a', 'b'],
      application: AppModule,
      override: (builder, name) => builder.overrideProvider(Mailer).useValue({ kind: `fake of ${name}` }),
    });
    try {
      expect(cluster.nodes.map((node) => node.get(Mailer).kind)).toEqual(['fake of a', 'fake of b']);
      expect(cluster.nodes.map(({ seenUp }) => seenUp.join())).toEqual(['a,b', 'a,b']);
      const [first, second] = cluster.nodes;
      await second?.stop();
      await eventually('it has left', () => first?.seenUp.join() === 'a');
      await second?.start();
      await cluster.settled();
    } finally {
      await cluster.close();
    }
  });

  it('is alone where its options are overridden, leads, and has the store', async () => {
    const start = async () => {
      const module = await Test.createTestingModule({ imports: [AppModule] })
        .overrideProvider(CLUSTER_OPTIONS)
        .useValue(isolatedCluster({ recovery: 'manual' }))
        .compile();
      return module.init();
    };
    const apps = [await start(), await start()];
    try {
      await eventually('both lead', () => apps.every((app) => app.get(ClusterLeadership).isLeader()));
      await eventually('both have the store', () => apps.every((app) => app.get(ClusterStore).ready));
      expect(apps.map((app) => app.get(Cluster).size)).toEqual([
        { expected: 1, current: 1 },
        { expected: 1, current: 1 },
      ]);
      expect(apps[0]?.get(ClusterStore).recovery).toBe('manual');
    } finally {
      await Promise.all(apps.map((app) => app.close()));
    }
  });
});
