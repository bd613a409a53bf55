import { Injectable } from '@nestjs/common';
import { LeaderOnly, OnNodeDown, OnNodeUp, type NodeDownEvent, type NodeUpEvent } from '@nest-cluster/core';
import { ClusterTestingModule, eventually } from './index.js';

@Injectable()
class Job {
  readonly ran: number[] = [];
  readonly seen: string[] = [];

  @LeaderOnly({ otherwise: 'skip' })
  run(): void {
    this.ran.push(Date.now());
  }

  @OnNodeUp()
  up({ node }: NodeUpEvent): void {
    this.seen.push(`up ${node.name}`);
  }

  @OnNodeDown()
  down({ node, reason }: NodeDownEvent): void {
    this.seen.push(`${reason} ${node.name}`);
  }
}

describe('ClusterTestingModule', () => {
  let cluster: ClusterTestingModule;

  beforeEach(async () => {
    cluster = await ClusterTestingModule.start({
      module: (node) => ({ imports: [node], providers: [Job] }),
    });
  });

  afterEach(() => cluster.close());

  it('runs leader-only work on exactly one of several nodes in one process (N3)', () => {
    for (const node of cluster.nodes) node.get(Job).run();
    expect(cluster.nodes.filter((node) => node.get(Job).ran.length > 0)).toEqual([cluster.leader]);
  });

  it('shows a node that stops as left, and as up when it is started again (M5)', async () => {
    const [first, second] = cluster.nodes.filter((node) => !node.isLeader);
    await second?.stop();
    await eventually('it has left', () => first?.get(Job).seen.at(-1) === `left ${second?.name}`);
    await second?.start();
    await cluster.settled();
    expect(first?.get(Job).seen.at(-1)).toBe(`up ${second?.name}`);
  });

  it('confirms at once that what was never there is deleted (S1)', async () => {
    const [node] = cluster.nodes;
    await eventually('the store is ready', () => node?.store.ready === true);
    const since = Date.now();
    expect(await node?.store.delete('never')).toBe(false);
    expect(Date.now() - since).toBeLessThan(1_000);
  });

  it('is yellow where a link is cut and both its ends are up, and green for everybody else (M7)', async () => {
    const [first, second, third] = cluster.nodes;
    const states = () => cluster.nodes.map((node) => node.cluster.state).join();
    await eventually('all are green', () => states() === 'green,green,green');
    cluster.split([first?.name ?? ''], [second?.name ?? '']);
    await eventually('its ends say so', () => states() === 'yellow,yellow,green');
    await first?.store.set('key', 1);
    await eventually('what one of them writes reaches the other', () => second?.store.peek('key') === 1);
    expect(third?.seenUp).toHaveLength(3);
    cluster.heal();
    await eventually('all are green again', () => states() === 'green,green,green');
  });

  it('has one leader on the side with the quorum while the network is cut, and heals (L1, D2)', async () => {
    const lonely = cluster.leader?.name ?? '';
    const others = cluster.nodes.map(({ name }) => name).filter((name) => name !== lonely);
    cluster.split([lonely], others);
    await eventually('another leads', () => others.includes(cluster.leader?.name ?? ''));
    expect(cluster.node(lonely).isLeader).toBe(false);
    await eventually('the lonely one sees nobody', () => cluster.node(lonely).cluster.state === 'red');
    cluster.heal();
    await cluster.settled();
    await eventually('all are green, their stores among them (M7)', () =>
      cluster.nodes.every(({ cluster: view }) => view.state === 'green'),
    );
  });
});
