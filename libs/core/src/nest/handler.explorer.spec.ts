import { Controller, Injectable, Logger, Module, Scope, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { StoreDeletedEvent, StoreWrittenEvent } from './store-event.js';
import { ClusterStateChangedEvent, NodeDownEvent, NodeUpEvent, type ClusterEvent } from './cluster-event.js';
import { ClusterEvents } from './cluster-events.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { nodeInfo, turn } from './fakes.fixture.js';
import {
  OnClusterEvent,
  OnClusterStateChanged,
  OnNodeDown,
  OnNodeUp,
  OnStoreDeleted,
  OnStoreWritten,
} from './handler.decorators.js';
import { HandlerExplorer } from './handler.explorer.js';
import { keyMatcher } from './key-pattern.js';
import { OWN_EVENTS } from './tokens.js';

const held = { byteLength: 1, copy: () => 1, peek: () => 1 };
const up = (name = 'b') => new NodeUpEvent(nodeInfo(name), 1);
const down = (name = 'b') => new NodeDownEvent(nodeInfo(name), 'failed', 2);

async function explore(...providers: Type[]) {
  @Module({
    imports: [DiscoveryModule],
    providers: [
      HandlerExplorer,
      ClusterEvents,
      ClusterLeadership,
      { provide: OWN_EVENTS, useExisting: ClusterEvents },
      ...providers,
    ],
  })
  class App {}
  const module = await Test.createTestingModule({ imports: [App] }).compile();
  const events = module.get(ClusterEvents);
  return { module, events, explore: () => module.get(HandlerExplorer).explore() };
}

@Injectable()
class Watcher {
  readonly heard: ClusterEvent[] = [];

  @OnNodeUp()
  @OnNodeDown()
  node(event: NodeUpEvent | NodeDownEvent): void {
    this.heard.push(event);
  }

  @OnClusterStateChanged()
  async state(event: ClusterStateChangedEvent): Promise<void> {
    await turn();
    this.heard.push(event);
  }

  @OnStoreWritten('user:*')
  @OnStoreDeleted()
  entry(event: StoreWrittenEvent | StoreDeletedEvent): void {
    this.heard.push(event);
  }
}

@Injectable()
class Failing {
  @OnClusterEvent('*')
  fails(): never {
    throw new Error('always');
  }

  @OnClusterEvent('nodeUp')
  async rejects(): Promise<void> {
    await turn();
    throw new Error('later');
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  @OnNodeUp()
  up(): void {}
  @OnNodeDown()
  down(): void {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  @OnNodeUp()
  up(): void {}
}

@Controller()
class Dependent {
  constructor(readonly perRequest: PerRequest) {}
  @OnNodeUp()
  up(): void {}
}

describe('handlers (N4)', () => {
  let failed: jest.SpyInstance;
  beforeEach(() => {
    Logger.overrideLogger(false);
    failed = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  });
  afterEach(() => jest.restoreAllMocks());

  it('get one typed event each, several types on one method too', async () => {
    const { module, events, explore: start } = await explore(Watcher);
    start();
    events.emit(up());
    events.emit(down());
    const { heard } = module.get(Watcher);
    expect(heard).toEqual([up(), down()]);
    expect(heard[0]).toBeInstanceOf(NodeUpEvent);
  });

  it('hear store events of matching keys only', async () => {
    const { module, events, explore: start } = await explore(Watcher);
    start();
    const mine = new StoreWrittenEvent('user:1', held, 'a', 1);
    const deleted = new StoreDeletedEvent('order:1', 'deleted', 'a', 1);
    events.emit(mine);
    events.emit(new StoreWrittenEvent('order:1', held, 'a', 1));
    events.emit(deleted);
    expect(module.get(Watcher).heard).toEqual([mine, deleted]);
  });

  it('that throw or reject are logged with class and method, and the others run', async () => {
    const { module, events, explore: start } = await explore(Failing, Watcher);
    start();
    events.emit(up());
    await turn();
    await turn();
    expect(module.get(Watcher).heard).toHaveLength(1);
    const lines = failed.mock.calls.map(([line]) => String(line));
    expect(lines).toEqual([
      expect.stringContaining('Failing.fails()'),
      expect.stringContaining('Failing.rejects()'),
    ]);
  });

  it('hear events in order, the next one after the promise for the last has settled', async () => {
    const { module, events, explore: start } = await explore(Watcher);
    start();
    const states = ['red', 'yellow', 'green'] as const;
    for (const state of states) events.emit(new ClusterStateChangedEvent(state, 'red', 1));
    const { heard } = module.get(Watcher);
    while (heard.length < 3) await turn();
    expect(heard.map((event) => event.type === 'stateChanged' && event.state)).toEqual(states);
  });

  it('are found by a spy on the instance', async () => {
    const { module, events, explore: start } = await explore(Watcher);
    start();
    const spy = jest.spyOn(module.get(Watcher), 'node');
    events.emit(up());
    expect(spy).toHaveBeenCalledWith(up());
  });

  it('are refused on request-scoped and transient classes, and on those that depend on one, all at once', async () => {
    const { explore: start } = await explore(PerRequest, Transient, Dependent);
    expect(start).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_HANDLER_INVALID',
        message: expect.stringMatching(
          /PerRequest\.up\(\), PerRequest\.down\(\), Transient\.up\(\), Dependent\.up\(\)/,
        ) as string,
      }),
    );
  });
});

describe('ClusterEvents', () => {
  let events: ClusterEvents;
  beforeEach(() => {
    Logger.overrideLogger(false);
    events = new ClusterEvents();
  });

  it('calls a listener once per event, however often it subscribed, until it unsubscribes', () => {
    const listener = jest.fn();
    events.subscribe('nodeUp', listener);
    const stop = events.subscribe('nodeUp', listener);
    events.emit(up());
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    events.emit(up());
    expect(listener).toHaveBeenCalledTimes(1);
    expect(events.unsubscribe('nodeUp', listener)).toBe(false);
  });

  it('tells everybody in the same order when a listener causes the next event', () => {
    const first: string[] = [];
    const second: string[] = [];
    events.subscribe('*', (event) => {
      first.push(event.type);
      if (event.type === 'nodeUp') events.emit(down());
    });
    events.subscribe('*', (event) => second.push(event.type));
    events.emit(up());
    expect(first).toEqual(['nodeUp', 'nodeDown']);
    expect(second).toEqual(first);
  });

  it('tells the stream too, and ends it', () => {
    const heard: string[] = [];
    events.events$.subscribe({ next: (event) => heard.push(event.type), complete: () => heard.push('end') });
    events.emit(up());
    events.close();
    expect(heard).toEqual(['nodeUp', 'end']);
  });

  it('bounds what waits for a listener that never answers', () => {
    const line = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const stuck = jest.fn(() => new Promise(() => undefined));
    events.subscribe('nodeUp', stuck);
    for (let round = 0; round < 20_000; round++) events.emit(up());
    expect(stuck).toHaveBeenCalledTimes(1);
    expect(line).toHaveBeenCalledTimes(1);
    line.mockRestore();
  });
});

describe('keyMatcher', () => {
  it.each([
    [undefined, 'anything', true],
    ['*', '', true],
    ['user:*', 'user:1', true],
    ['user:*', 'user', false],
    ['*:1', 'user:1', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['exact', 'exact', true],
    ['exact', 'exactly', false],
    ['a.c', 'abc', false],
  ])('%s on %s: %s', (pattern, key, expected) => {
    expect(keyMatcher(pattern)(key)).toBe(expected);
  });
});
