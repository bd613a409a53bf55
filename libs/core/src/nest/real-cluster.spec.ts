/**
 * Whole applications over the real control plane on loopback.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Injectable, Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { monotonicMs } from '../ports/clock.js';
import { Board } from './board.fixture.js';
import { LeadershipAcquiredEvent, NodeDownEvent, NodeUpEvent } from './cluster-event.js';
import { ClusterLeadership } from './cluster-leadership.js';
import type { ClusterOptions } from './cluster-options.js';
import { Cluster } from './cluster.js';
import { ClusterModule } from './cluster.module.js';
import { OnLeadershipAcquired, OnNodeDown, OnNodeUp } from './handler.decorators.js';
import { LeaderOnly } from './leader-only.decorator.js';

const running: INestApplicationContext[] = [];

@Injectable()
class Diary {
  readonly heard: string[] = [];
  tokens: number[] = [];

  @OnNodeUp()
  up({ node }: NodeUpEvent): void {
    this.heard.push(`up ${node.name}`);
  }

  @OnNodeDown()
  down({ node, reason }: NodeDownEvent): void {
    this.heard.push(`${reason} ${node.name}`);
  }

  @OnLeadershipAcquired()
  leading({ token }: LeadershipAcquiredEvent): void {
    this.tokens.push(token);
  }

  @LeaderOnly({ otherwise: 'skip' })
  work(): string {
    return 'done';
  }
}

async function start(
  name: string,
  board: Set<string>,
  options: ClusterOptions = {},
): Promise<INestApplicationContext> {
  @Module({
    imports: [
      ClusterModule.forRoot(new Board(board), {
        name,
        thread: 'main',
        size: 3,
        secret: 'of the test',
        bind: '127.0.0.1',
        ...options,
      }),
    ],
    providers: [Diary],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  running.push(app);
  return app;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = monotonicMs() + 15_000;
  while (!holds()) {
    if (monotonicMs() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

jest.setTimeout(60_000);
beforeAll(() => Logger.overrideLogger(false));
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

describe('applications that form a cluster', () => {
  it('see each other, agree on one leader, hand over, and leave in peace', async () => {
    const board = new Set<string>();
    const apps = await Promise.all(['a', 'b', 'c'].map((name) => start(name, board)));
    const isLeader = (app: INestApplicationContext) => app.get(ClusterLeadership).isLeader();
    await until('green everywhere', () => apps.every((app) => app.get(Cluster).state === 'green'));
    await until('one leader', () => apps.filter(isLeader).length === 1);
    await until('all know it', () => new Set(apps.map((app) => app.get(Cluster).leader?.name)).size === 1);
    const leader = apps.find(isLeader);
    if (leader === undefined) throw new Error('nobody leads');
    const others = apps.filter((app) => app !== leader);
    expect(leader.get(ClusterLeadership).guarantee).toBe('quorum');
    expect(leader.get(Diary).work()).toBe('done');
    expect(others.map((app) => app.get(Diary).work())).toEqual([undefined, undefined]);
    expect(leader.get(Diary).heard.sort()).toEqual(
      ['a', 'b', 'c'].filter((name) => name !== leader.get(Cluster).self.name).map((name) => `up ${name}`),
    );

    const { name } = leader.get(Cluster).self;
    const firstToken = leader.get(ClusterLeadership).token;
    await leader.close();
    await until('the next leader', () => others.some(isLeader));
    const next = others.find(isLeader);
    expect(next?.get(ClusterLeadership).token).toBeGreaterThan(firstToken);
    await until('all saw it leave', () =>
      others.every((app) => app.get(Diary).heard.includes(`left ${name}`)),
    );
  });

  it('ask each other', async () => {
    const board = new Set<string>();
    const [one, two] = await Promise.all([
      start('one', board, { size: 2 }),
      start('two', board, { size: 2 }),
    ]);
    two.get(Cluster).answer('sum', (body) => (Array.isArray(body) ? body.length : 0));
    await until('green', () => one.get(Cluster).state === 'green' && two.get(Cluster).state === 'green');
    await expect(one.get(Cluster).call('two', 'sum', [1, 2, 3])).resolves.toBe(3);
  });

  it('refuse to start on a port that is taken, and leave nothing running', async () => {
    const squatter: Server = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    await expect(start('late', new Set(), { port })).rejects.toMatchObject({
      code: 'CLUSTER_BIND_FAILED',
      message: expect.stringContaining(String(port)) as string,
    });
    await new Promise((resolve) => squatter.close(resolve));
  });

  it('N2: leave nothing behind', async () => {
    const sockets = () =>
      process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS|UDP)/.test(kind)).length;
    await until('nothing is left of other tests', () => sockets() === 0);
    const app = await start('alone', new Set(), { size: 1 });
    await until('leads', () => app.get(ClusterLeadership).isLeader());
    expect(sockets()).toBeGreaterThan(0);
    await app.close();
    await until('nothing is left', () => sockets() === 0);
  });
});
