import { Injectable, Logger, Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { ControlPlaneConfig } from '../engine/index.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { ClusterModule } from './cluster.module.js';
import { ClusterStore } from './cluster-store.js';
import { FakePlane } from './fakes.fixture.js';
import { OnNodeUp } from './handler.decorators.js';
import { HooksReminder } from './hooks-reminder.js';
import { LeaderOnly } from './leader-only.decorator.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

@Injectable()
class WithJob {
  @LeaderOnly()
  run(): void {}
}

@Injectable()
class WithHandler {
  @OnNodeUp()
  up(): void {}
}

@Injectable()
class WithLeadership {
  constructor(readonly leadership: ClusterLeadership) {}
}

@Injectable()
class WithStore {
  constructor(readonly store: ClusterStore) {}
}

describe('a reminder of shutdown hooks', () => {
  const warn = jest.fn();
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    jest.useRealTimers();
    warn.mockReset();
  });

  it('warns once, with what to do', () => {
    new HooksReminder({ warn }, 2_000, { listenerCount: () => 0 }).start();
    jest.advanceTimersByTime(60_000);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/shutdown hooks are off.* 2000 ms.*app\.enableShutdownHooks\(\)/)],
    ]);
  });

  it('is silent where somebody listens to SIGTERM, also when the hooks were enabled after the start', () => {
    let hooks = 0;
    new HooksReminder({ warn }, 2_000, { listenerCount: () => hooks }).start();
    hooks = 1;
    jest.advanceTimersByTime(60_000);
    expect(warn).not.toHaveBeenCalled();
  });

  it('is silent after the application was closed', () => {
    const reminder = new HooksReminder({ warn }, 2_000, { listenerCount: () => 0 });
    reminder.start();
    reminder.stop();
    jest.advanceTimersByTime(60_000);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('who is reminded of shutdown hooks', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it.each<[string, Type, boolean]>([
    ['has a leader-only method', WithJob, true],
    ['has a handler of cluster events', WithHandler, true],
    ['asks who leads', WithLeadership, true],
    ['uses the store alone', WithStore, false],
  ])('an application that %s', async (_, provider, isReminded) => {
    const start = jest.spyOn(HooksReminder.prototype, 'start').mockImplementation(() => undefined);
    const strategy = { name: 'alone', discover: () => Promise.resolve([]) };
    @Module({ imports: [ClusterModule.forRoot(strategy, { name: 'me' })], providers: [provider] })
    class App {}
    const module = await Test.createTestingModule({ imports: [App] })
      .overrideProvider(CREATE_CONTROL_PLANE)
      .useValue((config: ControlPlaneConfig) => new FakePlane(config))
      .compile();
    const app = await module.init();
    const reminders = start.mock.calls.length;
    await app.close();
    start.mockRestore();
    expect(reminders).toBe(isReminded ? 1 : 0);
  });
});
