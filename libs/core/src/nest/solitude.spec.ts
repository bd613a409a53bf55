import { Logger, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Address } from '@nest-cluster/protocol';
import { MemoryNetwork } from '../engine/index.js';
import type { ControlPlaneCounters } from '../ports/control-plane.js';
import { ClusterModule } from './cluster.module.js';
import { turn } from './fakes.fixture.js';
import { ALONE_MS, Solitude, type Surroundings } from './solitude.js';

type Dials = NonNullable<ControlPlaneCounters['failedDials']>;
const dial = (address: string, failure: Dials[number]['failure']) => ({
  address: address as Address,
  failure,
});

describe('a node that meets nobody', () => {
  const warn = jest.fn();

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    jest.useRealTimers();
    warn.mockReset();
  });

  async function after(ms: number, around: Partial<Surroundings>, dials: Dials = []): Promise<string[]> {
    const solitude = new Solitude({ warn });
    solitude.watch({
      address: '10.0.0.1:45893',
      strategy: 'static',
      size: undefined,
      hasCompany: () => false,
      found: () => [],
      counters: () => Promise.resolve({ failedDials: dials }),
      ...around,
    });
    await jest.advanceTimersByTimeAsync(ms);
    solitude.stop();
    return (warn.mock.calls as [string][]).map(([text]) => text);
  }

  it('says once whom it found, which dials failed and how, and what to do', async () => {
    const dials = [dial('10.0.0.1:45893', 'self'), dial('10.0.0.2:45893', 'refused')];
    const told = await after(
      10 * ALONE_MS,
      { found: () => ['10.0.0.1:45893', '10.0.0.2:45893', '10.0.0.3:45893'] },
      [...dials, dial('10.0.0.3:45893', 'unreachable')],
    );
    expect(told).toEqual([
      'this node reaches nobody in 20 s. Discovery by static found 10.0.0.2:45893, 10.0.0.3:45893; dials that failed: ' +
        '10.0.0.2:45893: nobody listens there, 10.0.0.3:45893: no answer in time. Check that the nodes run, that these ' +
        'addresses are theirs (CLUSTER_ADVERTISE), and that the ports are open in both directions',
    ]);
  });

  it('says that it found nobody where more nodes are expected, with the way out for development', async () => {
    const told = await after(ALONE_MS, { size: 3 });
    expect(told).toEqual([
      expect.stringMatching(/found nobody in 20 s, and size is 3.*in development.*CLUSTER_SIZE/),
    ]);
  });

  it.each<[string, number, Partial<Surroundings>]>([
    ['before the time is up', ALONE_MS - 1, { size: 3 }],
    ['where it has met somebody', ALONE_MS, { size: 3, hasCompany: () => true }],
    ['where nobody else is expected', ALONE_MS, { size: 1 }],
    ['where no size is known and nobody was found but itself', ALONE_MS, { found: () => ['10.0.0.1:45893'] }],
    [
      'where the node cannot be asked',
      ALONE_MS,
      { size: 3, counters: () => Promise.reject(new Error('gone')) },
    ],
  ])('is silent %s', async (_, ms, around) => {
    expect(await after(ms, around)).toEqual([]);
  });

  it('names few of many addresses', async () => {
    const found = Array.from({ length: 100 }, (_, index) => `10.0.1.${index}:1`);
    const [told] = await after(ALONE_MS, { found: () => found });
    expect(told).toMatch(/10\.0\.1\.7:1 and 92 more; dials that failed: none/);
  });
});

describe('a node that discovery sends to where nobody is', () => {
  it('hands over which address it dialled, what discovery found, and whether it has company', async () => {
    Logger.overrideLogger(false);
    const watch = jest.spyOn(Solitude.prototype, 'watch');
    const strategy = { name: 'stale', discover: () => Promise.resolve(['127.0.0.9:7']) };
    const { transport } = new MemoryNetwork();
    @Module({
      imports: [ClusterModule.forRoot({ strategy, name: 'me', size: 2, thread: 'main', transport })],
    })
    class App {}
    const app = await (await Test.createTestingModule({ imports: [App] }).compile()).init();
    try {
      const [around] = watch.mock.calls[0] ?? [];
      let dials: Dials = [];
      while (dials.length === 0) {
        await turn();
        dials = (await around?.counters())?.failedDials ?? [];
      }
      expect(dials).toEqual([dial('127.0.0.9:7', 'refused')]);
      expect(around).toMatchObject({ strategy: 'stale', size: 2 });
      expect([around?.found(), around?.hasCompany()]).toEqual([['127.0.0.9:7'], false]);
    } finally {
      await app.close();
      watch.mockRestore();
    }
  });
});
