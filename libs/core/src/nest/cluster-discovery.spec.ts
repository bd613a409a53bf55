import { Logger } from '@nestjs/common';
import type { ClusterStrategy, StrategyContext } from '../ports/cluster-strategy.js';
import { ClusterDiscovery, type DiscoveryTask } from './cluster-discovery.js';
import { CONTACTS_MAX, readContacts } from './found-contacts.js';

const clock = { mono: 0 };
jest.mock('../ports/clock.js', () => ({ monotonicMs: () => clock.mono, wallMs: () => 1_000 + clock.mono }));

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 10_000;

/** Time goes on, and whatever is due happens. */
async function pass(ms: number, step = 50): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.mono += step;
    await jest.advanceTimersByTimeAsync(step);
  }
}

class Strategy implements ClusterStrategy {
  readonly name = 'mine';
  asked = 0;
  stopped = 0;
  context: StrategyContext | undefined;
  answer: (signal: AbortSignal) => unknown = () => ['10.0.0.1:1'];

  start(context: StrategyContext): void {
    this.context = context;
  }

  async discover(signal: AbortSignal): Promise<readonly string[]> {
    this.asked++;
    return (await this.answer(signal)) as readonly string[];
  }

  stop(): void {
    this.stopped++;
  }
}

describe('ClusterDiscovery', () => {
  let discovery: ClusterDiscovery;
  let strategy: Strategy;
  let found: string[][];
  let isComplete: boolean;
  let warned: jest.SpyInstance;
  let logged: jest.SpyInstance;

  const task = (more: Partial<DiscoveryTask> = {}): DiscoveryTask => ({
    strategy,
    context: {
      cluster: 'default',
      secrets: [],
      loopbackOnly: true,
      self: { name: 'a', incarnation: '1', host: '127.0.0.1', port: 1 },
    },
    intervalMs: INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
    found: (contacts) => found.push([...contacts]),
    isComplete: () => isComplete,
    ...more,
  });

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    logged = jest.spyOn(Logger.prototype, 'log').mockImplementation();
    discovery = new ClusterDiscovery();
    strategy = new Strategy();
    found = [];
    isComplete = false;
  });

  afterEach(async () => {
    await discovery.stop();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('D2: asks again and again, more often while the others are just starting and while members are missing', async () => {
    discovery.start(task());
    await pass(1_000);
    expect(strategy.asked).toBeGreaterThanOrEqual(3);
    await pass(20_000);
    const before = strategy.asked;
    await pass(60_000);
    expect(strategy.asked - before).toBe(12);
    isComplete = true;
    await pass(15_000);
    const calm = strategy.asked;
    await pass(60_000);
    expect(strategy.asked - calm).toBe(4);
    expect(found.at(-1)).toEqual(['10.0.0.1:1']);
  });

  it('D2: jitters its pauses', async () => {
    jest.spyOn(Math, 'random').mockRestore();
    const times: number[] = [];
    strategy.answer = () => {
      times.push(clock.mono);
      return [];
    };
    discovery.start(task());
    await pass(120_000);
    const pauses = times.slice(-15).map((time, index, all) => time - (all[index - 1] ?? time));
    expect(new Set(pauses.slice(1)).size).toBeGreaterThan(5);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(INTERVAL_MS * 1.2 + 50);
  });

  it('D3: goes on after errors, with growing pauses that stay below half a minute, and logs one line per change', async () => {
    const trouble = jest.fn(() => {
      throw new Error('no route');
    });
    strategy.answer = trouble;
    discovery.start(task());
    await pass(180_000);
    const asked = strategy.asked;
    await pass(60_000);
    expect(strategy.asked - asked).toBe(2);
    expect(warned).toHaveBeenCalledTimes(1);
    expect(discovery.strategies).toEqual([
      expect.objectContaining({
        name: 'mine',
        errors: asked + 2,
        lastError: expect.objectContaining({ message: 'no route' }),
      }),
    ]);
    strategy.answer = () => ['10.0.0.1:1'];
    await pass(31_000);
    expect(logged).toHaveBeenCalledTimes(1);
    expect(found).toContainEqual(['10.0.0.1:1']);
  });

  it('D3: gives up on an answer after its time, aborts the signal, and asks again', async () => {
    let signal: AbortSignal | undefined;
    strategy.answer = (given) => {
      signal = given;
      return new Promise(() => undefined);
    };
    discovery.start(task());
    await pass(TIMEOUT_MS - 100);
    expect(signal?.aborted).toBe(false);
    await pass(200);
    expect(signal?.aborted).toBe(true);
    await pass(2_000);
    expect(strategy.asked).toBe(2);
    expect(discovery.strategies[0]?.lastError?.message).toContain('10000 ms');
  });

  it('D3: starts the strategy again when its start failed, and never twice at a time', async () => {
    let starts = 0;
    strategy.start = () => {
      starts++;
      if (starts < 3) throw new Error('port in use');
    };
    discovery.start(task());
    await pass(5_000);
    expect(starts).toBe(3);
    expect(strategy.asked).toBeGreaterThan(0);
  });

  it.each<[string, unknown, string[]]>([
    ['undefined', undefined, []],
    ['a text', 'host:1', []],
    [
      'rubbish among sense',
      [1, null, 'a:99999', 'b', 'c:1', '[::1]:2', ' c:1 ', 'x'.repeat(9_999)],
      ['c:1', '[::1]:2'],
    ],
  ])('D3: takes %s for what it is', async (_what, answer, expected) => {
    strategy.answer = () => answer;
    discovery.start(task());
    await pass(50);
    expect(found[0]).toEqual(expected);
    expect(discovery.strategies[0]?.errors).toBe(1);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('D3: bounds what it takes', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `host-${index}:1`);
    const { contacts, complaint } = readContacts(many);
    expect(contacts).toHaveLength(CONTACTS_MAX);
    expect(complaint).toContain('4000');
  });

  it('takes contact points that arrive by themselves, and asks soon when woken, however often', async () => {
    discovery.start(task());
    await pass(30_000);
    const before = strategy.asked;
    strategy.context?.found(['10.0.0.9:9', 'rubbish']);
    expect(found.at(-1)).toEqual(['10.0.0.9:9']);
    expect(discovery.contactPoints).toEqual(['10.0.0.1:1', '10.0.0.9:9']);
    for (let round = 0; round < 20; round++) {
      strategy.context?.wake();
      await pass(50);
    }
    expect(strategy.asked - before).toBeGreaterThan(5);
    expect(strategy.asked - before).toBeLessThanOrEqual(11);
  });

  it('W4: counts what the strategy turned away, and logs the first of each reason', async () => {
    discovery.start(task());
    await pass(50);
    for (let round = 0; round < 5; round++) strategy.context?.rejected('gossipForged', 'from 10.0.0.66');
    expect(discovery.strategies[0]?.rejected).toEqual({ gossipForged: 5 });
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('discoverNow resolves with what was found, and rejects with what went wrong or when it does not run', async () => {
    await expect(discovery.discoverNow()).rejects.toMatchObject({ code: 'CLUSTER_NOT_STARTED' });
    discovery.start(task());
    await expect(discovery.discoverNow()).resolves.toEqual(['10.0.0.1:1']);
    strategy.answer = () => Promise.reject(new Error('no route'));
    await expect(discovery.discoverNow()).rejects.toThrow('no route');
  });

  it('D4: neither asks nor listens once it is stopped', async () => {
    discovery.start(task());
    await pass(50);
    await discovery.stop();
    const { asked } = strategy;
    found = [];
    strategy.context?.found(['10.0.0.9:9']);
    strategy.context?.wake();
    await pass(60_000);
    expect(strategy.asked).toBe(asked);
    expect(strategy.stopped).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
    expect(found).toEqual([]);
  });

  it('D4: stops a strategy that hangs, and one that will not stop', async () => {
    let signal: AbortSignal | undefined;
    strategy.answer = (given) => {
      signal = given;
      return new Promise(() => undefined);
    };
    strategy.stop = () => new Promise(() => undefined) as never;
    discovery.start(task());
    await pass(100);
    const stopping = discovery.stop();
    await pass(TIMEOUT_MS + 100);
    await stopping;
    expect(signal?.aborted).toBe(true);
  });
});
