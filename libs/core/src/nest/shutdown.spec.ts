/**
 * Applications that are closed while something waits, or while they still start (N6).
 */
import { Logger, Module, type INestApplication, type Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ClusterError } from '@nest-cluster/protocol';
import type { ControlPlaneConfig } from '../engine/index.js';
import { Cluster } from './cluster.js';
import type { ClusterOptions } from './cluster-options.js';
import { ClusterStore } from './cluster-store.js';
import { ClusterModule } from './cluster.module.js';
import { FakeLeadership, FakePlane, turn } from './fakes.fixture.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

const HOUR_MS = 3_600_000;
const never = <Result>() => new Promise<Result>(() => undefined);
const stopped = { code: 'CLUSTER_STOPPED' };

interface Built {
  readonly app: INestApplication;
  readonly store: ClusterStore;
  readonly planes: FakePlane[];
}

/** One of three nodes, which sees no other: no quorum, and no store. */
async function application(
  options: ClusterOptions = {},
  providers: readonly Provider[] = [],
  prepare: (plane: FakePlane) => void = () => undefined,
): Promise<Built> {
  const strategy = { name: 'nowhere', discover: () => Promise.resolve([]) };
  @Module({
    imports: [ClusterModule.forRoot({ strategy, name: 'n1', size: 3, ...options })],
    providers: [...providers],
  })
  class App {}
  const planes: FakePlane[] = [];
  const module = await Test.createTestingModule({ imports: [App] })
    .overrideProvider(CREATE_CONTROL_PLANE)
    .useValue((config: ControlPlaneConfig) => {
      const plane = new FakePlane(config);
      prepare(plane);
      planes.push(plane);
      return plane;
    })
    .compile();
  const app = module.createNestApplication();
  return { app, store: app.get(ClusterStore), planes };
}

/** Codes of the errors that those who wait for the store get. */
function waitFor(store: ClusterStore): Promise<readonly string[]> {
  const waits: readonly Promise<unknown>[] = [
    store.whenReady(),
    store.whenReady(HOUR_MS),
    store.get('key', { wait: true }),
    store.get('key', { wait: HOUR_MS }),
  ];
  return Promise.all(waits.map((wait) => wait.then(() => 'ready', codeOf)));
}

function codeOf(error: unknown): string {
  return error instanceof ClusterError ? error.code : String(error);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

beforeEach(() => Logger.overrideLogger(false));

describe('N6: whoever waits for the store', () => {
  const ALL_STOPPED = Array<string>(4).fill('CLUSTER_STOPPED');

  it('is let go when the shutdown begins, and not only when it ends', async () => {
    let waiting: Promise<readonly string[]> | undefined;
    const drain = { beforeApplicationShutdown: () => waiting };
    const { app, store } = await application({}, [{ provide: 'drain', useValue: drain }]);
    await app.init();
    waiting = waitFor(store);
    await app.close();
    expect(await waiting).toEqual(ALL_STOPPED);
  });

  it('is told of when it holds up the start of the application, and never else', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      let store: ClusterStore | undefined;
      const eager = { onModuleInit: () => store?.whenReady() };
      const held = await application({}, [{ provide: 'eager', useValue: eager }]);
      const early = await application();
      const waiting = waitFor(early.store);
      await early.app.init();
      ({ store } = held);
      const starting = held.app.init().then(() => 'started', codeOf);
      await turn();
      jest.advanceTimersByTime(10_000);
      expect(warned.mock.calls).toEqual([[expect.stringContaining('Wait for it in onApplicationBootstrap')]]);
      await Promise.all([early.app.close(), held.app.close(), waiting]);
      expect(await starting).toBe('CLUSTER_STOPPED');
    } finally {
      jest.useRealTimers();
      warned.mockRestore();
    }
  });

  it('is let go by an application that never starts', async () => {
    const { app, store } = await application();
    const waiting = waitFor(store);
    await app.close();
    expect(await waiting).toEqual(ALL_STOPPED);
  });

  it('is let go by a start that fails', async () => {
    const { app, store } = await application({}, [], (plane) => (plane.failure = new Error('no port')));
    const waiting = waitFor(store);
    await expect(app.init()).rejects.toThrow('no port');
    expect(await waiting).toEqual(ALL_STOPPED);
    await app.close();
  });

  it('does not begin to wait in an application that is closed', async () => {
    const { app, store } = await application();
    await app.init();
    await app.close();
    expect(await waitFor(store)).toEqual(ALL_STOPPED);
    await expect(store.get('key')).rejects.toMatchObject({ code: 'CLUSTER_STORE_NOT_READY' });
  });
});

describe('N6: a start that the shutdown cuts short', () => {
  it.each([true, HOUR_MS])(
    'does not wait for a quorum any more (waitForQuorum: %s)',
    async (waitForQuorum) => {
      const { app, planes } = await application({ waitForQuorum });
      const starting = app.init().then(() => 'started', codeOf);
      await until(() => app.get(Cluster).isStarted);
      await turn();
      await app.close();
      expect(await starting).toBe('CLUSTER_STOPPED');
      expect(planes[0]?.log).toEqual(['listen', 'start', 'leave', 'close']);
    },
  );

  it('does not wait for a control plane that does not come up', async () => {
    const { app, planes } = await application({}, [], (plane) => (plane.listen = never));
    const starting = app.init().then(() => 'started', codeOf);
    await until(() => planes.length > 0);
    await app.close();
    expect(await starting).toBe('CLUSTER_STOPPED');
    expect(planes[0]?.log).toEqual(['leave', 'close']);
  });

  it('does not wait for an engine of leadership, which is stopped once more when it has started', async () => {
    const engine = new FakeLeadership();
    let started = () => {};
    engine.start = () => new Promise((resolve) => (started = resolve));
    const stops = jest.spyOn(engine, 'stop');
    const { app } = await application({ leadership: { provider: engine } });
    const starting = app.init().then(() => 'started', codeOf);
    await until(() => app.get(Cluster).isStarted);
    await app.close();
    expect(await starting).toBe('CLUSTER_STOPPED');
    expect(stops).toHaveBeenCalledTimes(1);
    started();
    await turn();
    expect(stops).toHaveBeenCalledTimes(2);
  });

  it('does not begin when it is closed while another module starts', async () => {
    let initialized = () => {};
    const slow = { onModuleInit: () => new Promise<void>((resolve) => (initialized = resolve)) };
    const { app, planes } = await application({}, [{ provide: 'slow', useValue: slow }]);
    const starting = app.init().then(() => 'started', codeOf);
    await turn();
    await app.close();
    initialized();
    expect(await starting).toBe('CLUSTER_STOPPED');
    expect(planes).toEqual([]);
  });

  it('does not begin in an application that was closed before', async () => {
    const { app, planes } = await application();
    await app.close();
    await expect(app.init()).rejects.toMatchObject(stopped);
    await app.close();
    expect(planes).toEqual([]);
  });

  it('is no error of a process that a signal ends: an error would end it as a crash', async () => {
    const { app } = await application({ waitForQuorum: true });
    const settled = jest.fn();
    app.init().then(settled, settled);
    await until(() => app.get(Cluster).isStarted);
    const context: { close(signal: string): Promise<void> } = app;
    await context.close('SIGTERM');
    await turn();
    expect(settled).not.toHaveBeenCalled();
    expect(app.get(Cluster).isStarted).toBe(false);
  });
});

it('N2, N6: a node that left does not join again while it shuts down', async () => {
  let rejoin: () => Promise<void> = never;
  const late = { beforeApplicationShutdown: () => expect(rejoin()).rejects.toMatchObject(stopped) };
  const { app, planes } = await application({ size: 1 }, [{ provide: 'late', useValue: late }]);
  await app.init();
  const cluster = app.get(Cluster);
  await cluster.leave();
  rejoin = () => cluster.rejoin();
  await app.close();
  expect(planes[0]?.log).not.toContain('rejoin');
});
