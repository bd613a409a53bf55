import { Injectable, Logger, Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ClusterError } from '@nest-cluster/protocol';
import type { ControlPlaneConfig } from '../engine/index.js';
import type { ClusterStrategy } from '../ports/cluster-strategy.js';
import { Cluster } from './cluster.js';
import { ClusterDiscovery } from './cluster-discovery.js';
import type { ClusterEvent } from './cluster-event.js';
import { ClusterEvents } from './cluster-events.js';
import { ClusterLeadership } from './cluster-leadership.js';
import type { ClusterOptions } from './cluster-options.js';
import { ClusterModule } from './cluster.module.js';
import { FakeLeadership, FakePlane, member, nodeInfo, turn } from './fakes.fixture.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

class Nowhere implements ClusterStrategy {
  readonly name = 'nowhere';
  readonly log: string[] = [];
  start(): void {
    this.log.push('start');
  }
  discover(): Promise<readonly string[]> {
    return Promise.resolve(['10.0.0.1:1']);
  }
  stop(): void {
    this.log.push('stop');
  }
}

const FOREVER = Number.MAX_SAFE_INTEGER;
const OTHER = nodeInfo('other');

const applications: INestApplication[] = [];

/** An application over a fake control plane, not yet started. */
async function application(...imports: DynamicModule[]) {
  let plane: FakePlane | undefined;
  let failure: Error | undefined;
  @Module({ imports })
  class App {}
  const module = await Test.createTestingModule({ imports: [App] })
    .overrideProvider(CREATE_CONTROL_PLANE)
    .useValue((config: ControlPlaneConfig) => {
      plane = new FakePlane(config);
      plane.failure = failure;
      return plane;
    })
    .compile();
  const app = module.createNestApplication();
  applications.push(app);
  const heard: ClusterEvent[] = [];
  app.get(ClusterEvents).subscribe('*', (event) => heard.push(event));
  return {
    app,
    heard,
    cluster: app.get(Cluster),
    leadership: app.get(ClusterLeadership),
    plane: () => {
      if (plane === undefined) throw new Error('there is no control plane');
      return plane;
    },
    fail: (error: Error) => (failure = error),
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

describe('ClusterModule', () => {
  let app: INestApplication;
  let lines: string[];

  beforeEach(() => {
    lines = [];
    const note =
      (level: string) =>
      (...told: unknown[]): void => {
        lines.push(`${level}: ${String(told[0])}`);
      };
    jest.spyOn(Logger.prototype, 'log').mockImplementation(note('log'));
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(note('warn'));
    jest.spyOn(Logger.prototype, 'error').mockImplementation(note('error'));
  });
  afterEach(async () => {
    await Promise.all(applications.splice(0).map((one) => one.close()));
    jest.restoreAllMocks();
  });

  describe('options', () => {
    it('come with a strategy, alone, or not at all', async () => {
      for (const module of [
        ClusterModule.forRoot(),
        ClusterModule.forRoot({ size: 3 }),
        ClusterModule.forRoot(new Nowhere(), { size: 3 }),
        ClusterModule.forRoot(Nowhere, { size: 3 }),
      ]) {
        const one = await application(module);
        expect(one.cluster.isStarted).toBe(false);
        await one.app.close();
      }
    });

    it('are all checked when the application is made', async () => {
      await expect(application(ClusterModule.forRoot({ size: 0, port: -1 }))).rejects.toMatchObject({
        code: 'CLUSTER_OPTIONS_INVALID',
        message: expect.stringMatching(/size: 0[^]*port: -1/) as string,
      });
    });

    it('may come from a factory, with what other modules provide', async () => {
      @Injectable()
      class Config {
        readonly size = 3;
      }
      @Module({ providers: [Config], exports: [Config] })
      class ConfigModule {}
      const built = await application(
        ClusterModule.forRootAsync({
          imports: [ConfigModule],
          inject: [Config],
          useFactory: async (config: Config) => {
            await turn();
            return { strategy: new Nowhere(), size: config.size };
          },
        }),
      );
      app = built.app;
      await app.init();
      expect(built.plane().config).toMatchObject({ size: 3 });
    });

    it.each([
      [undefined, 'nothing (undefined)'],
      [null, 'nothing (null)'],
      ['gossip', 'a string'],
      [3, 'a number'],
      [[], 'a list'],
    ])('may not be missing: a factory that gives %j is named', async (given, shown) => {
      const useFactory = (() => given) as unknown as () => ClusterOptions;
      await expect(application(ClusterModule.forRootAsync({ useFactory }))).rejects.toMatchObject({
        code: 'CLUSTER_OPTIONS_INVALID',
        message: expect.stringContaining(
          `useFactory of ClusterModule.forRootAsync() gave ${shown}`,
        ) as string,
      });
    });

    it('may be a strategy alone that a factory gives', async () => {
      const strategy = new Nowhere();
      const built = await application(ClusterModule.forRootAsync({ useFactory: () => strategy }));
      app = built.app;
      await app.init();
      await until(() => strategy.log.includes('start'));
      expect(strategy.log).toEqual(['start']);
    });

    it('may be getters of a class', async () => {
      class Config {
        readonly cluster = 'blue';
        get size(): number {
          return 3;
        }
        get isProduction(): boolean {
          return true;
        }
      }
      const built = await application(ClusterModule.forRootAsync({ useFactory: () => new Config() }));
      app = built.app;
      await app.init();
      expect(built.plane().config).toMatchObject({ cluster: 'blue', size: 3 });
    });

    it('may name a class of strategy, which Nest builds', async () => {
      @Injectable()
      class Registry {
        readonly contacts = ['10.9.9.9:9'];
      }
      @Module({ providers: [Registry], exports: [Registry] })
      class RegistryModule {}
      @Injectable()
      class Mine extends Nowhere {
        constructor(private readonly registry: Registry) {
          super();
        }
        override discover(): Promise<readonly string[]> {
          return Promise.resolve(this.registry.contacts);
        }
      }
      const built = await application(ClusterModule.forRoot(Mine, { imports: [RegistryModule] }));
      app = built.app;
      await app.init();
      await until(() => built.plane().heard.includes('10.9.9.9:9' as never));
      expect(built.plane().heard).toContain('10.9.9.9:9');
    });
  });

  it('is imported once, and says so', async () => {
    await expect(
      application(ClusterModule.forRoot(new Nowhere()), ClusterModule.forRoot(new Nowhere(), { size: 3 })),
    ).rejects.toMatchObject({
      code: 'CLUSTER_ALREADY_REGISTERED',
      message: expect.stringContaining('2 times') as string,
    });
  });

  it('N3: serves several applications in one process, each on its own', async () => {
    const one = await application(ClusterModule.forRoot(new Nowhere(), { name: 'one' }));
    const two = await application(ClusterModule.forRoot(new Nowhere(), { name: 'two' }));
    await Promise.all([one.app.init(), two.app.init()]);
    one.plane().lead(1, FOREVER);
    expect([one.leadership.isLeader(), two.leadership.isLeader()]).toEqual([true, false]);
    expect([one.cluster.self.name, two.cluster.self.name]).toEqual(['one', 'two']);
    expect(two.heard.filter(({ type }) => type.startsWith('leader'))).toEqual([]);
    await one.app.close();
    expect(two.cluster.isStarted).toBe(true);
    await two.app.close();
  });

  describe('start (N1)', () => {
    it('happens when the application does, and waits for nobody', async () => {
      const built = await application(ClusterModule.forRoot(new Nowhere(), { size: 3 }));
      app = built.app;
      expect(built.cluster).toMatchObject({
        isStarted: false,
        state: 'red',
        nodes: [],
        quorum: 0,
        leader: null,
      });
      expect(() => built.cluster.self).toThrow(expect.objectContaining({ code: 'CLUSTER_NOT_STARTED' }));
      await app.init();
      expect(built.cluster.self).toMatchObject({ self: true, status: 'up' });
      expect(built.plane().log).toEqual(['listen', 'start']);
    });

    it('fails with what went wrong, and leaves nothing running', async () => {
      const strategy = new Nowhere();
      const built = await application(ClusterModule.forRoot(strategy));
      built.fail(new ClusterError('CLUSTER_BIND_FAILED', 'port 45893 is in use'));
      await expect(built.app.init()).rejects.toMatchObject({ code: 'CLUSTER_BIND_FAILED' });
      expect(built.plane().log).toEqual(['listen', 'leave', 'close']);
      expect(strategy.log).toEqual([]);
      expect(built.cluster.isStarted).toBe(false);
      await built.app.close();
    });

    it('waits for a quorum where it is asked to', async () => {
      const built = await application(ClusterModule.forRoot(new Nowhere(), { waitForQuorum: true, size: 3 }));
      app = built.app;
      const started = jest.fn();
      const starting = app.init().then(started);
      await until(() => built.cluster.isStarted);
      await turn();
      expect(started).not.toHaveBeenCalled();
      built.plane().state('yellow');
      await starting;
    });

    it('fails when there is no quorum in time', async () => {
      const built = await application(ClusterModule.forRoot(new Nowhere(), { waitForQuorum: 50, size: 3 }));
      const starting = built.app.init();
      await expect(starting).rejects.toMatchObject({ code: 'CLUSTER_QUORUM_UNAVAILABLE' });
      expect(built.plane().log.at(-1)).toBe('close');
    });

    it('W2: warns at every start that is insecure', async () => {
      const built = await application(
        ClusterModule.forRoot(new Nowhere(), { bind: '0.0.0.0', insecure: true }),
      );
      app = built.app;
      await app.init();
      expect(lines).toContainEqual(expect.stringMatching(/^warn: insecure/));
    });
  });

  describe('shutdown (N2)', () => {
    it('hands leadership over first, then stops discovery, leaves and closes', async () => {
      const strategy = new Nowhere();
      const built = await application(ClusterModule.forRoot(strategy));
      await built.app.init();
      await until(() => strategy.log.includes('start'));
      built.plane().lead(4, FOREVER);
      let end = () => {};
      const work = built.leadership.runAsLeader(() => new Promise<void>((resolve) => (end = resolve)));
      const closing = built.app.close();
      await until(() => built.plane().log.includes('stepDown'));
      expect(built.leadership.isLeader()).toBe(false);
      expect(built.plane().log).not.toContain('leave');
      end();
      await Promise.all([work, closing]);
      expect(built.plane().log).toEqual(['listen', 'start', 'stepDown', 'workEnded 4', 'leave', 'close']);
      expect(strategy.log).toEqual(['start', 'stop']);
      await built.app.close();
      expect(built.plane().log.filter((entry) => entry === 'close')).toHaveLength(1);
    });

    it('goes on when a step of it fails', async () => {
      const built = await application(ClusterModule.forRoot(new Nowhere()));
      await built.app.init();
      jest.spyOn(built.plane(), 'leave').mockRejectedValue(new Error('nobody heard'));
      await built.app.close();
      expect(built.plane().log.at(-1)).toBe('close');
      expect(lines).toContainEqual(expect.stringContaining('nobody heard'));
    });

    it('of an application that never started is nothing', async () => {
      const built = await application(ClusterModule.forRoot(new Nowhere()));
      await built.app.close();
      expect(() => built.plane()).toThrow('no control plane');
    });
  });

  describe('a running node', () => {
    async function running(options = {}) {
      const built = await application(ClusterModule.forRoot(new Nowhere(), { name: 'me', ...options }));
      app = built.app;
      await app.init();
      return { ...built, plane: built.plane() };
    }

    it('sees nodes as they are', async () => {
      const { cluster, plane } = await running();
      const leader = { node: OTHER, token: 3 };
      plane.show({
        expected: 3,
        quorum: 2,
        state: 'yellow',
        leader,
        members: [member(plane.self), member(OTHER, 'degraded'), member(nodeInfo('gone'), 'down')],
      });
      expect(cluster).toMatchObject({ state: 'yellow', quorum: 2, size: { expected: 3, current: 2 } });
      expect(cluster.leader).toEqual({ name: 'other', incarnation: OTHER.incarnation, token: 3 });
      expect(cluster.node('other')).toEqual({
        name: 'other',
        incarnation: OTHER.incarnation,
        address: OTHER.address,
        status: 'degraded',
        self: false,
        leader: true,
        startedAt: 1_000,
        upSince: 2_000,
        seen: true,
        voteSilent: false,
      });
      expect(cluster.node('gone')?.status).toBe('down');
      expect(cluster.node('nobody')).toBeUndefined();
    });

    it('M8: lists one life of each name; earlier ones are past nodes, with the time at which they came up', async () => {
      const { cluster, plane } = await running();
      const again = nodeInfo('other', 'next life');
      // Gone before this node met it.
      const unmet = { ...member(nodeInfo('other', 'first life'), 'left'), upSince: 0 };
      plane.show({
        members: [member(plane.self), unmet, member(OTHER, 'down'), member(again), member(nodeInfo('z'))],
      });
      expect(cluster.nodes.map(({ incarnation }) => incarnation)).toEqual([
        plane.self.incarnation,
        'next life',
        'incarnation of z',
      ]);
      expect(cluster.node('other')?.incarnation).toBe('next life');
      expect(cluster.pastNodes).toMatchObject([
        { name: 'other', incarnation: 'first life', status: 'left', startedAt: 1_000, upSince: 1_000 },
        { name: 'other', incarnation: OTHER.incarnation, status: 'down', upSince: 2_000 },
      ]);
      await app.close();
      expect(cluster.pastNodes).toEqual([]);
    });

    it('tells of other nodes, one line and one event each, and not of itself', async () => {
      const { heard, plane } = await running();
      plane.show(
        { members: [member(plane.self), member(OTHER)] },
        { type: 'nodeUp', node: plane.self },
        { type: 'nodeUp', node: OTHER },
      );
      plane.show(
        { members: [member(plane.self), member(OTHER, 'down')] },
        { type: 'nodeDown', node: OTHER, reason: 'failed' },
      );
      expect(heard.filter(({ type }) => type.startsWith('node'))).toMatchObject([
        { type: 'nodeUp', node: OTHER },
        { type: 'nodeDown', node: OTHER, reason: 'failed' },
      ]);
      expect(lines.filter((line) => line.startsWith('log: other'))).toEqual([
        expect.stringContaining('other is up'),
        expect.stringContaining('other failed'),
      ]);
    });

    it('T1: says loudly, once, that its name is taken', async () => {
      const { heard, plane } = await running();
      for (let round = 0; round < 3; round++)
        plane.show({}, { type: 'refused', holder: nodeInfo('me', 'older') });
      plane.show({}, { type: 'admitted' });
      const errors = lines.filter((line) => line.startsWith('error'));
      expect(errors).toEqual([expect.stringMatching(/CLUSTER_NAME_TAKEN.*CLUSTER_NODE_NAME/)]);
      expect(heard.at(-1)?.type).toBe('admitted');
    });

    it('W3: says why a peer was turned away, at most once a minute', async () => {
      const { plane } = await running();
      for (let round = 0; round < 50; round++) plane.listener?.rejected('unknownKey', '10.0.0.66', 2);
      expect(lines.filter((line) => line.includes('unknown key'))).toHaveLength(1);
    });

    it('asks others, and answers what it was told to answer, also before it started', async () => {
      const built = await application(ClusterModule.forRoot(new Nowhere()));
      app = built.app;
      built.cluster.answer('early', () => 1);
      await app.init();
      built.cluster.answer('late', () => 2);
      const plane = built.plane();
      expect([...plane.topics.keys()]).toEqual(['early', 'late']);
      await expect(built.cluster.call('other', 'topic', {})).rejects.toMatchObject({
        code: 'CLUSTER_NODE_UNKNOWN',
      });
      plane.show({ members: [member(plane.self), member(OTHER)] });
      await expect(built.cluster.call('other', 'topic', 7)).resolves.toEqual({
        to: OTHER.incarnation,
        topic: 'topic',
        body: 7,
      });
    });

    it('leaves and comes back when it is told to', async () => {
      const { cluster, plane, leadership } = await running();
      plane.lead(1, FOREVER);
      await cluster.leave();
      expect(plane.log).toEqual(['listen', 'start', 'stepDown', 'workEnded 1', 'leave']);
      await expect(app.get(ClusterDiscovery).discoverNow()).rejects.toMatchObject({
        code: 'CLUSTER_NOT_STARTED',
      });
      await cluster.rejoin();
      plane.lead(2, FOREVER);
      expect(leadership.isLeader()).toBe(true);
      await expect(app.get(ClusterDiscovery).discoverNow()).resolves.toEqual(['10.0.0.1:1']);
    });

    it('has lost its leadership when its control plane had to be replaced', async () => {
      const { plane, leadership } = await running();
      plane.lead(1, FOREVER);
      plane.until = 0;
      plane.listener?.restarted(plane.self, new Error('out of memory'));
      await until(() => leadership.leader !== undefined && !leadership.isLeader());
      expect(lines).toContainEqual(expect.stringMatching(/^error: .*out of memory/));
      await turn();
      plane.lead(2, FOREVER);
      expect(leadership.isLeader()).toBe(true);
    });

    it('L6: holds no lease in silence when its new control plane was elected before it joined anew', async () => {
      const { plane, leadership } = await running();
      let strategyStops = () => {};
      const slowly = new Promise<void>((resolve) => (strategyStops = resolve));
      jest.spyOn(app.get(ClusterDiscovery), 'stop').mockReturnValueOnce(slowly);
      plane.listener?.restarted(plane.self, new Error('out of memory'));
      plane.lead(2, FOREVER);
      strategyStops();
      await until(() => plane.log.includes('stepDown'));
      plane.show({ leader: null }, { type: 'leadershipLost', token: 2, reason: 'steppedDown' });
      plane.lead(3, FOREVER);
      expect([leadership.isLeader(), leadership.token]).toEqual([true, 3]);
    });

    it('stays out when it is closed while it joins anew', async () => {
      const { plane } = await running();
      const discovery = app.get(ClusterDiscovery);
      let strategyStops = () => {};
      const slowly = new Promise<void>((resolve) => (strategyStops = resolve));
      jest.spyOn(discovery, 'stop').mockReturnValueOnce(slowly);
      plane.listener?.restarted(plane.self, new Error('out of memory'));
      await app.close();
      strategyStops();
      await turn();
      expect(lines.filter((line) => line.includes('join anew'))).toEqual([]);
      await expect(discovery.discoverNow()).rejects.toMatchObject({ code: 'CLUSTER_NOT_STARTED' });
    });

    it('lets another engine decide who leads', async () => {
      const provider = new FakeLeadership();
      const { leadership, plane, cluster } = await running({ leadership: { provider } });
      expect(plane.config.leadership.candidate).toBe(false);
      plane.lead(9, FOREVER);
      expect(leadership.isLeader()).toBe(false);
      provider.tellLeader({ name: 'me', incarnation: plane.self.incarnation, token: 5 });
      provider.grant(5, FOREVER);
      expect(leadership.isLeader()).toBe(true);
      expect(leadership).toMatchObject({ token: 5, guarantee: 'quorum', engine: 'fake' });
      expect(cluster.self.leader).toBe(true);
      await app.close();
      expect(provider.isStopped).toBe(true);
    });
  });
});
