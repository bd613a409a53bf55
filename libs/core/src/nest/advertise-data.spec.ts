/**
 * Data ports that others see under another number, or do not see at all.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { monotonicMs } from '../ports/clock.js';
import { Board } from './board.fixture.js';
import type { ClusterOptions } from './cluster-options.js';
import { ClusterModule } from './cluster.module.js';
import { ClusterStore } from './cluster-store.js';

const PATIENCE_MS = 30_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = monotonicMs() + PATIENCE_MS;
  while (!holds()) {
    if (monotonicMs() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('advertiseData', () => {
  const running: INestApplicationContext[] = [];
  let board: Set<string>;

  beforeEach(() => {
    board = new Set();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.close()));
    jest.restoreAllMocks();
  });

  const start = async (name: string, options: ClusterOptions): Promise<ClusterStore> => {
    const own = {
      name,
      thread: 'main',
      size: 2,
      secret: 'a secret of this test',
      bind: '127.0.0.1',
    } as const;
    @Module({ imports: [ClusterModule.forRoot(new Board(board), { ...own, ...options })] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    running.push(app);
    return app.get(ClusterStore);
  };

  it('is the port that others dial for the store', async () => {
    const dataPort = await freePort();
    const sockets: Socket[] = [];
    const relay = createServer((near) => {
      const far = connect(dataPort, '127.0.0.1');
      for (const socket of [near, far]) sockets.push(socket.on('error', () => socket.destroy()));
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    try {
      const advertiseData = (relay.address() as AddressInfo).port;
      const first = await start('a@test', { dataPort, advertiseData });
      // This one cannot be dialled, so that the link goes through the relay.
      const second = await start('b@test', { advertiseData: await freePort() });
      await until('the stores are in sync', () => first.status.replicas.inSync === 1 && second.ready);
      expect(sockets.length).toBeGreaterThan(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => relay.close(resolve));
    }
  });

  it('that nobody listens on is told once, with what to do', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    await start('a@test', { advertiseData: await freePort() });
    await start('b@test', { advertiseData: await freePort() });
    const told = () =>
      warn.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('the store cannot reach'));
    await until('both say so', () => told().length === 2);
    expect(told()[0]).toMatch(
      /^the store cannot reach [ab]@test at 127\.0\.0\.1:\d+: nobody listens there\. .*CLUSTER_ADVERTISE_DATA/u,
    );
  });
});
