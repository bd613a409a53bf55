/**
 * `npm start`, as somebody meets it who has just cloned the repository: up soon, gone without a trace, and clear when it cannot.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '../support/free-port.js';
import { linesOf } from '../support/lines.js';
import { until, withRoom } from '../support/until.js';

const START = join(__dirname, '../../scripts/start.mjs');

interface Started {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  readonly closed: Promise<unknown>;
}

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  return { process: child, lines: linesOf(child), closed: once(child, 'close') };
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}

/** Its exit code, once all that it said was read. */
async function ended({ process: child, closed }: Started): Promise<number | null> {
  await closed;
  return child.exitCode;
}

it('runs three green nodes with one leader within 10 s, and Ctrl-C leaves nothing', async () => {
  const port = await freePorts(3);
  const since = Date.now();
  const started = start('--port', String(port));
  try {
    await until('it says that all are green', () =>
      started.lines.some((line) => /3 nodes are green/.test(line)),
    );
    expect(Date.now() - since).toBeLessThan(withRoom(10_000));
    await until('it says where the page is', () =>
      started.lines.some((line) => line.startsWith(`http://localhost:${port}/cluster/ui?token=`)),
    );
    started.process.kill('SIGINT');
    expect(await ended(started)).toBe(0);
    for (const offset of [0, 1, 2]) (await listen(port + offset)).close();
  } finally {
    started.process.kill('SIGKILL');
  }
}, 60_000);

it('names a taken port, and starts nothing', async () => {
  const port = await freePorts(3);
  const holder = await listen(port + 1);
  const started = start('--port', String(port));
  try {
    expect(await ended(started)).toBe(1);
    expect(started.lines.join('\n')).toMatch(new RegExp(`Port ${port + 1} is in use`));
    (await listen(port)).close();
  } finally {
    holder.close();
    started.process.kill('SIGKILL');
  }
}, 60_000);

it('ends its nodes when it is killed itself', async () => {
  const port = await freePorts(2);
  const started = start('--nodes', '2', '--port', String(port));
  await until('both are green', () => started.lines.some((line) => /2 nodes are green/.test(line)));
  started.process.kill('SIGKILL');
  await until('both ports are free', async () => {
    for (const offset of [0, 1]) (await listen(port + offset)).close();
    return true;
  });
}, 60_000);

it.each([['--nodes', '0'], ['--port', 'x'], ['--what']])('explains %s %s', async (...args) => {
  const started = start(...args.filter(Boolean));
  expect(await ended(started)).toBe(1);
  expect(started.lines.join('\n')).toMatch(/npm start -- \[--nodes/);
});
