/**
 * Workers of node:cluster, which is also PM2's cluster mode: node shares what they listen on unless it is told not to.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { linesOf } from '../support/lines.js';
import { until } from '../support/until.js';

const PROGRAM = join(__dirname, '../support/node-cluster.mjs');
const WORKERS = 3;

interface Seen {
  readonly worker: number;
  readonly state: string;
  readonly leader: string | null;
  readonly ready: boolean;
  readonly wrote: boolean;
}

describe('workers of node:cluster', () => {
  let primary: ChildProcess | undefined;

  afterEach(async () => {
    if (primary === undefined || primary.exitCode !== null) return;
    const gone = new Promise((resolve) => primary?.once('exit', resolve));
    // It ends its workers, and then itself.
    primary.disconnect();
    await gone;
  });

  it.each([
    ['gossip', 'worker'],
    ['gossip', 'main'],
    ['epmd', 'worker'],
  ])('form one cluster and confirm writes to each other by %s, with thread: %s', async (strategy, thread) => {
    const PORT = String(await freePort());
    const { PATH = '' } = process.env;
    primary = fork(PROGRAM, {
      silent: true,
      env: { PATH, PORT, STRATEGY: strategy, THREAD: thread, WORKERS: String(WORKERS) },
    });
    const log = linesOf(primary);
    const latest = new Map<number, Seen>();
    primary.on('message', (seen: Seen) => latest.set(seen.worker, seen));
    await until(`all are green and write; the log: ${log.join(' | ')}`, () => {
      const all = [...latest.values()];
      const leaders = new Set(all.map(({ leader }) => leader));
      const isWell = ({ state, ready, wrote }: Seen) => state === 'green' && ready && wrote;
      return all.length === WORKERS && leaders.size === 1 && all.every(isWell);
    });
  });
});
