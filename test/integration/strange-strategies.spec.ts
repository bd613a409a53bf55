/**
 * Strategies that throw, hang, or return rubbish, in real nodes over real links: the node stays, the others reach it, each
 * failure is counted, and the log has one line per change (D3).
 */
import { randomBytes } from 'node:crypto';
import { Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Cluster,
  ClusterDiscovery,
  ClusterLeadership,
  ClusterModule,
  type ClusterStrategy,
} from '@nest-cluster/core';
import { until } from '../support/until.js';

type Discover = (own: () => string) => Promise<readonly string[]>;

/** As it comes from code that no compiler has seen. */
const rubbish = (value: unknown): readonly string[] => value as readonly string[];

const strange: readonly (readonly [string, Discover, isFailure: boolean])[] = [
  ['throws', () => Promise.reject(new Error('the inventory is on fire')), true],
  ['throws something that is no error', () => Promise.reject('fire'), true],
  [
    'throws before it returns a promise',
    () => {
      throw new Error('the inventory is on fire');
    },
    true,
  ],
  ['hangs', () => new Promise(() => undefined), true],
  ['returns nothing', () => Promise.resolve(rubbish(undefined)), true],
  ['returns numbers', () => Promise.resolve(rubbish([1, null, {}, 'a:99999'])), true],
  ['returns a million entries', () => Promise.resolve(million), true],
  ['returns its own address', (own) => Promise.resolve([own()]), false],
  ['returns a host name that resolves to nothing', () => Promise.resolve(['nowhere.invalid:4000']), false],
];

const million = Array.from({ length: 1_000_000 }, (_, index) => `10.0.${index >> 16}.${index & 255}:1`);

describe('a strategy that', () => {
  const apps: INestApplicationContext[] = [];
  let warnings: string[];

  const start = async (name: string, strategy: ClusterStrategy): Promise<INestApplicationContext> => {
    const options = {
      name,
      cluster,
      thread: 'main',
      port: 0,
      discoveryIntervalMs: 100,
      discoveryTimeoutMs: 100,
    } as const;
    @Module({ imports: [ClusterModule.forRoot(strategy, options)] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { abortOnError: false });
    apps.push(app);
    return app;
  };
  let cluster = '';

  beforeEach(() => {
    cluster = randomBytes(4).toString('hex');
    warnings = [];
    const heard = (text: unknown): void => void warnings.push(String(text));
    Logger.overrideLogger({ log: () => undefined, warn: heard, error: heard });
  });

  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    Logger.overrideLogger(false);
  });

  it.each(strange)('%s does not keep its node out', async (_, discover, isFailure) => {
    let asked = 0;
    let address = '';
    const odd = await start('odd', {
      name: 'odd',
      start: ({ self }) => void (address = `${self.host}:${self.port}`),
      discover: () => {
        asked++;
        return discover(() => address);
      },
    });
    await until('it was asked and asked again', () => asked >= 3);
    await start('even', { name: 'even', discover: () => Promise.resolve([address]) });
    const members = (): readonly string[] =>
      odd.get(Cluster).nodes.map(({ name, status }) => `${name} ${status}`);
    await until('both see each other', () => members().toSorted().join() === 'even up,odd up');
    const [status] = odd.get(ClusterDiscovery).strategies;
    expect((status?.errors ?? 0) >= 2).toBe(isFailure);
    expect(warnings.filter((line) => line.includes('strategy odd'))).toHaveLength(isFailure ? 1 : 0);
  });

  it('fails to name the voters, and names itself in vain, has a node that belongs but never leads (L5)', async () => {
    let address = '';
    const odd = await start('odd', {
      name: 'odd',
      start: ({ self }) => void (address = `${self.host}:${self.port}`),
      discover: () => Promise.resolve([]),
      voters: () => {
        throw new Error('the inventory is on fire');
      },
      identity: () => rubbish(7) as object,
    });
    await until('it runs', () => address !== '');
    const even = { name: 'even', discover: () => Promise.resolve([address]), voters: () => ['even'] };
    const other = await start('even', even);
    await until('the other leads, and this one says so', () => {
      const leaders = [odd, other].map((app) => app.get(ClusterLeadership).leader?.name);
      return leaders.every((leader) => leader === 'even');
    });
    expect(odd.get(ClusterLeadership).isLeader()).toBe(false);
    expect(warnings).toEqual([
      'strategy odd: this node has no vote, and never leads: the inventory is on fire',
    ]);
  });
});
