/**
 * Applications in tests of which one provider of the cluster is a mock, put there as Nest's documentation teaches.
 */
import { Injectable, Logger, Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { NodeUpEvent } from './cluster-event.js';
import { Cluster } from './cluster.js';
import { ClusterDiscovery } from './cluster-discovery.js';
import { ClusterEvents } from './cluster-events.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { ClusterStore } from './cluster-store.js';
import { ClusterModule } from './cluster.module.js';
import { fakePlanes, nodeInfo, type FakePlane } from './fakes.fixture.js';
import { OnNodeUp } from './handler.decorators.js';
import { LeaderOnly } from './leader-only.decorator.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

@Injectable()
class Shop {
  readonly greeted: string[] = [];

  constructor(private readonly store: ClusterStore) {}

  price(): Promise<unknown> {
    return this.store.get('price');
  }

  @LeaderOnly()
  restock(): string {
    return 'restocked';
  }

  @OnNodeUp()
  greet({ node }: NodeUpEvent): void {
    this.greeted.push(node.name);
  }
}

class FromFactory {
  @LeaderOnly()
  work(): string {
    return 'done';
  }
}

@Module({
  imports: [ClusterModule.forRoot({ name: 'alone', discover: () => Promise.resolve([]) }, { name: 'me' })],
  providers: [Shop, { provide: FromFactory, useFactory: () => new FromFactory() }],
})
class App {}

async function appWith(token: Type, mock: object) {
  const planes: FakePlane[] = [];
  const module = await Test.createTestingModule({ imports: [App] })
    .overrideProvider(CREATE_CONTROL_PLANE)
    .useValue(fakePlanes(planes))
    .overrideProvider(token)
    .useValue(mock)
    .compile();
  return { app: await module.init(), plane: () => planes[0] };
}

beforeAll(() => Logger.overrideLogger(false));

describe('a mock in the place of a public provider', () => {
  const tokens: readonly Type[] = [Cluster, ClusterEvents, ClusterDiscovery, ClusterLeadership, ClusterStore];

  it.each(tokens.map((token) => [token.name, token] as const))(
    'leaves start, handlers and shutdown as they are: %s',
    async (_name, token) => {
      const mock = {};
      const { app, plane } = await appWith(token, mock);
      expect(app.get<unknown>(token)).toBe(mock);
      const node = nodeInfo('b');
      plane()?.show({}, { type: 'nodeUp', node });
      expect(app.get(Shop).greeted).toEqual(['b']);
      await app.close();
      expect(plane()?.log.at(-1)).toBe('close');
    },
  );

  it('is what the application reads from', async () => {
    const { app } = await appWith(ClusterStore, { get: () => Promise.resolve(7) });
    await expect(app.get(Shop).price()).resolves.toBe(7);
    await app.close();
  });

  it('decides whether leader-only methods run, with isLeader() alone', async () => {
    let isLeading = true;
    const { app, plane } = await appWith(ClusterLeadership, { isLeader: () => isLeading });
    expect(app.get(Shop).restock()).toBe('restocked');
    expect(app.get(FromFactory).work()).toBe('done');
    isLeading = false;
    plane()?.lead(1, Number.MAX_SAFE_INTEGER);
    for (const call of [() => app.get(Shop).restock(), () => app.get(FromFactory).work()])
      expect(call).toThrow(expect.objectContaining({ code: 'CLUSTER_NOT_LEADER' }));
    await app.close();
  });
});
