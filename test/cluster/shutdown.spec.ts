/**
 * N6: real processes that are told to end at any moment of their lives, and in whatever they are about.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DemoCluster } from '../support/demo-cluster.js';
import { DemoNode } from '../support/demo-node.js';
import { linesOf } from '../support/lines.js';
import { until, withRoom } from '../support/until.js';

const SUPPORT = join(__dirname, '../support');
const ORDERS = 200;
const STARTS = 16;

interface Told {
  readonly port?: number;
  readonly waiting?: boolean;
  readonly outcomes?: Readonly<Record<string, number>>;
  readonly left?: readonly string[];
}

/** A program of ours, and what it has told so far. */
function run(program: string, ...args: string[]) {
  const child: ChildProcess = fork(join(SUPPORT, program), args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const told: Told[] = [];
  child.on('message', (message) => void told.push(message as Told));
  return { child, told, lines: linesOf(child), closed: once(child, 'close') };
}

it(`ends by itself after ${ORDERS} applications were started and closed in any order`, async () => {
  const { child, told, lines, closed } = run('start-stop.mjs', String(ORDERS), '7');
  try {
    await closed;
    expect({ code: child.exitCode, lines }).toEqual({ code: 0, lines: [] });
    const [{ outcomes = {}, left = [] } = {}] = told;
    const endings = new Set(Object.keys(outcomes).map((outcome) => outcome.replace(/^.* /, '')));
    expect(endings).toEqual(new Set(['done', 'CLUSTER_STOPPED']));
    expect(left.filter((kind) => kind !== 'PipeWrap')).toEqual([]);
  } finally {
    child.kill('SIGKILL');
  }
});

it('ends by its signal, and not with an error, at whatever moment of its start that comes', async () => {
  const env = await DemoCluster.environment(3);
  const since = Date.now();
  const first = DemoNode.start('n1@test', env);
  await first.listening();
  const startMs = Date.now() - since;
  await first.end('SIGTERM');
  for (let index = 0; index < STARTS; index++) {
    const node = DemoNode.start('n1@test', { ...env, CLUSTER_WAIT_FOR_QUORUM: String(index % 2 === 0) });
    const moment = Date.now() + (startMs * 1.2 * index) / STARTS;
    await until('the moment comes', () => Date.now() >= moment);
    await node.end('SIGTERM');
    const { exitCode, signalCode } = node.process;
    expect({
      index,
      exitCode,
      signalCode,
      log: node.log.filter((line) => /error|CLUSTER_STOPPED|^\s+at /i.test(line)),
    }).toEqual({ index, exitCode: null, signalCode: 'SIGTERM', log: [] });
  }
});

it('answers a request that waits for a store which never gets ready, and ends', async () => {
  const { child, told, closed } = run('waiting-node.mjs');
  try {
    const { port } = await until('it listens', () => told.find((one) => one.port));
    const answer = fetch(`http://127.0.0.1:${port}/read`).then(({ status }) => status);
    await until('the request waits', () => told.find((one) => one.waiting));
    const since = Date.now();
    child.kill('SIGTERM');
    await closed;
    expect(child.signalCode).toBe('SIGTERM');
    expect(await answer).toBe(500);
    expect(Date.now() - since).toBeLessThan(withRoom(2_000));
  } finally {
    child.kill('SIGKILL');
  }
});
