/**
 * `npm start`, as somebody meets it who has just cloned the repository: up soon, gone without a trace, and clear when it cannot.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { until, withRoom } from '../support/until.js';

const START = join(__dirname, '../../scripts/start.mjs');

interface Started {
  readonly process: ChildProcess;
  readonly lines: string[];
}

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
  }
  return { process: child, lines };
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}

/** The first of some neighbouring ports that are free now. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const probe = await listen(0);
    const { port } = probe.address() as AddressInfo;
    const servers = [probe];
    try {
      for (let next = 1; next < count; next++) servers.push(await listen(port + next));
      return port;
    } catch {
      // Somebody has one of them: look elsewhere.
    } finally {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    }
  }
}

async function ended({ process: child }: Started): Promise<number | null> {
  await until('it has ended', () => child.exitCode !== null || child.signalCode !== null);
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
    expect(started.lines.some((line) => line.includes(`http://localhost:${port}/cluster/ui`))).toBe(true);
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
