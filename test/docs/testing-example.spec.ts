import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { LeaderOnly } from '@nest-cluster/core';
import { ClusterTestingModule, eventually } from '@nest-cluster/testing';

@Injectable()
class Nightly {
  runs = 0;

  @Cron('0 3 * * *')
  @LeaderOnly()
  run(): void {
    this.runs += 1;
  }
}

describe('Nightly', () => {
  let cluster: ClusterTestingModule;

  beforeEach(async () => {
    cluster = await ClusterTestingModule.start({
      nodes: ['a', 'b', 'c'],
      module: (node) => ({ imports: [node], providers: [Nightly] }),
    });
  });

  afterEach(() => cluster.close());

  it('runs on one node only', () => {
    for (const node of cluster.nodes) node.get(Nightly).run();
    expect(cluster.nodes.map((node) => node.get(Nightly).runs).sort()).toEqual([0, 0, 1]);
  });

  it('goes on elsewhere when the leader is cut off', async () => {
    const old = cluster.leader?.name ?? '';
    const others = ['a', 'b', 'c'].filter((name) => name !== old);
    cluster.split([old], others);
    await eventually('another node leads', () => others.includes(cluster.leader?.name ?? ''));
    cluster.heal();
    await cluster.settled();
  });
});
