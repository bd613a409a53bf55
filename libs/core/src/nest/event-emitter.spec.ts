// Beside @nestjs/event-emitter: its @OnEvent goes with @LeaderOnly (N5), and its events and the cluster's do not mix.
import { Injectable, Logger, Module, type INestApplication } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import type { ControlPlaneConfig } from '../engine/index.js';
import type { ClusterEvent, NodeUpEvent } from './cluster-event.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { ClusterModule } from './cluster.module.js';
import { FakePlane, nodeInfo } from './fakes.fixture.js';
import { OnClusterEvent, OnNodeUp } from './handler.decorators.js';
import { LeaderOnly } from './leader-only.decorator.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

@Injectable()
class Orders {
  readonly heard: string[] = [];
  constructor(private readonly leadership: ClusterLeadership) {}

  @LeaderOnly()
  @OnEvent('order.*')
  above(id: number, item: string): void {
    this.heard.push(`above ${id} ${item} under ${this.leadership.token}`);
  }

  @OnEvent('order.*')
  @LeaderOnly()
  below(id: number): number {
    this.heard.push(`below ${id}`);
    return id * 2;
  }

  @OnEvent('order.*')
  everywhere(id: number): void {
    this.heard.push(`everywhere ${id}`);
  }

  @OnEvent('stock')
  @LeaderOnly()
  @OnEvent('price')
  either(): void {
    this.heard.push('either');
  }

  @OnNodeUp()
  @OnEvent('nodeUp')
  nodeUp(event: NodeUpEvent | string): void {
    this.heard.push(typeof event === 'string' ? event : event.node.name);
  }
}

/** How an application hands the cluster's events on to its own emitter. */
@Injectable()
class Bridge {
  constructor(private readonly emitter: EventEmitter2) {}

  @OnClusterEvent('*')
  forward(event: ClusterEvent): void {
    this.emitter.emit(`cluster.${event.type}`, event);
  }
}

@Injectable()
class Listener {
  readonly heard: string[] = [];

  @OnEvent('cluster.*')
  hear({ type }: ClusterEvent): void {
    this.heard.push(type);
  }
}

@Module({
  imports: [
    ClusterModule.forRoot({ name: 'me', strategy: 'static' }),
    EventEmitterModule.forRoot({ wildcard: true }),
  ],
  providers: [Orders, Bridge, Listener],
})
class App {}

describe('beside @nestjs/event-emitter', () => {
  let app: INestApplication;
  let plane: FakePlane;
  let orders: Orders;
  let emitter: EventEmitter2;

  beforeAll(() => {
    Logger.overrideLogger(false);
    process.env.CLUSTER_HOSTS = '127.0.0.1:45893';
  });
  afterAll(() => {
    delete process.env.CLUSTER_HOSTS;
  });

  beforeEach(async () => {
    const module = await Test.createTestingModule({ imports: [App] })
      .overrideProvider(CREATE_CONTROL_PLANE)
      .useValue((config: ControlPlaneConfig) => (plane = new FakePlane(config)))
      .compile();
    app = await module.createNestApplication().init();
    orders = app.get(Orders);
    emitter = app.get(EventEmitter2);
  });
  afterEach(() => app.close());

  const lead = (token: number) => plane.lead(token, Number.MAX_SAFE_INTEGER);

  it('N5: @LeaderOnly handlers of @OnEvent run on the leader only, in either order', () => {
    emitter.emit('order.new', 1, 'tea');
    expect(orders.heard).toEqual(['everywhere 1']);
    lead(7);
    emitter.emit('order.new', 2, 'tea');
    expect(orders.heard.slice(1).sort()).toEqual(['above 2 tea under 7', 'below 2', 'everywhere 2']);
  });

  it('N5: their results reach whoever emits and waits, and are undefined elsewhere than on the leader', async () => {
    expect(await emitter.emitAsync('order.new', 4)).toEqual([undefined, undefined, undefined]);
    lead(1);
    expect(await emitter.emitAsync('order.new', 4)).toEqual([undefined, 8, undefined]);
  });

  it('N5: @LeaderOnly between two of them guards both', () => {
    emitter.emit('stock');
    emitter.emit('price');
    expect(orders.heard).toEqual([]);
    lead(1);
    emitter.emit('stock');
    emitter.emit('price');
    expect(orders.heard).toEqual(['either', 'either']);
  });

  it('one method may hear both, each event once, and neither hears what the other emits', () => {
    plane.show({}, { type: 'nodeUp', node: nodeInfo('other') });
    expect(orders.heard).toEqual(['other']);
    emitter.emit('nodeUp', 'my own event');
    expect(orders.heard).toEqual(['other', 'my own event']);
  });

  it('hands the events of the cluster on where a handler does so', () => {
    plane.show({}, { type: 'nodeUp', node: nodeInfo('other') });
    lead(1);
    expect(app.get(Listener).heard).toEqual(['nodeUp', 'leadershipAcquired', 'leaderChanged']);
  });
});
