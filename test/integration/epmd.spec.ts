/**
 * The `epmd` strategy beside the real thing: Erlang's daemon and Erlang's nodes, from Debian's package `erlang-base`. Where that is
 * not installed the suite is left out, but never in CI.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { ClusterStrategy } from '@nest-cluster/core';
import { epmd } from '@nest-cluster/core';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const isInstalled =
  spawnSync('erl', ['-version']).status === 0 && spawnSync('epmd', ['-h']).error === undefined;
const suite = isInstalled || process.env['CI'] === 'true' ? describe : describe.skip;

suite("epmd, with Erlang's own", () => {
  let port = 0;
  const started: ClusterStrategy[] = [];
  const children: ChildProcess[] = [];

  const start = async (name: string, own: number, cluster = 'default'): Promise<ClusterStrategy> => {
    const strategy = epmd({ port }).create({});
    await strategy.start?.({
      cluster,
      secrets: [],
      self: { name, incarnation: randomBytes(16).toString('hex'), host: '127.0.0.1', port: own },
      loopbackOnly: true,
      found: () => undefined,
      wake: () => undefined,
      rejected: () => undefined,
    });
    started.push(strategy);
    return strategy;
  };
  const discover = async (strategy: ClusterStrategy): Promise<string[]> =>
    (await strategy.discover(AbortSignal.timeout(5_000))).toSorted();
  const child = (command: string, args: readonly string[]): ChildProcess => {
    const made = spawn(command, args, {
      env: { ...process.env, ERL_EPMD_PORT: String(port) },
      stdio: 'ignore',
    });
    children.push(made);
    return made;
  };
  const end = async (process: ChildProcess): Promise<void> => {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  };
  /** What Erlang's own tool lists, or an empty text while nothing answers. */
  const listed = (): Promise<string> =>
    run('epmd', ['-port', String(port), '-names']).then(
      ({ stdout }) => stdout,
      () => '',
    );
  const daemon = async (): Promise<ChildProcess> => {
    const made = child('epmd', ['-port', String(port), '-address', '127.0.0.1']);
    await until('epmd answers', async () => (await listed()).includes('up and running'));
    return made;
  };
  const erlang = async (name: string): Promise<ChildProcess> => {
    const named = ['-noshell', '-noinput', '-name', `${name}@127.0.0.1`, '-setcookie', 'test'];
    const local = ['-start_epmd', 'false', '-kernel', 'inet_dist_use_interface', '{127,0,0,1}'];
    const made = child('erl', [...named, ...local]);
    await until('the Erlang node is registered', async () =>
      (await listed()).includes(`name ${name} at port`),
    );
    return made;
  };
  /** What an Erlang node is told by the port mapper. */
  const seenByErlang = async (): Promise<string> => {
    const { stdout } = await run(
      'erl',
      ['-noshell', '-eval', 'io:format("~p", [net_adm:names("127.0.0.1")]), halt().'],
      { env: { ...process.env, ERL_EPMD_PORT: String(port) } },
    );
    return stdout;
  };

  beforeEach(async () => {
    port = await freePort();
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map(async (strategy) => strategy.stop?.()));
    await Promise.all(children.splice(0).map(end));
  });

  it('registers at the daemon, is listed there, and finds its like alone', async () => {
    await daemon();
    await erlang('e1');
    const [a, b] = [await start('shop-a@vm', 4001), await start('shop-b@vm', 4002)];
    await start('bank@vm', 4003, 'other');
    const list = await listed();
    for (const line of ['name shop-a at port 4001', 'name shop-b at port 4002', 'name bank at port 4003'])
      expect(list).toContain(line);
    expect(await discover(a)).toEqual(['127.0.0.1:4002']);
    expect(await discover(b)).toEqual(['127.0.0.1:4001']);
    expect(await seenByErlang()).toMatch(/^\{ok,.*\{"shop-a",4001\}/s);
  });

  it('is gone from the daemon as soon as it stops', async () => {
    await daemon();
    const a = await start('shop-a@vm', 4001);
    await a.stop?.();
    await until('the name is gone', async () => !(await listed()).includes('shop-a'));
    expect(await listed()).toContain('up and running');
  });

  it('outlives the daemon: a node takes its place, and the daemon takes it back', async () => {
    const first = await daemon();
    const [a, b] = [await start('shop-a@vm', 4001), await start('shop-b@vm', 4002)];
    const bothListed = async (): Promise<boolean> => {
      const list = await listed();
      return list.includes('shop-a at port 4001') && list.includes('shop-b at port 4002');
    };
    await end(first);
    await until('both are listed again', bothListed);
    expect(await discover(a)).toEqual(['127.0.0.1:4002']);

    await a.stop?.();
    await b.stop?.();
    await daemon();
    expect(await discover(await start('shop-c@vm', 4004))).toEqual([]);
    expect(await listed()).toContain('name shop-c at port 4004');
  });

  it('serves Erlang nodes and tools where no daemon runs', async () => {
    const [a] = [await start('shop-a@vm', 4001), await start('shop-b@vm', 4002)];
    const node = await erlang('e2');
    expect(await listed()).toMatch(/^epmd: up and running on port \d+ with data:\n/);
    expect(await seenByErlang()).toMatch(/\{"shop-b",4002\}/);
    expect(await seenByErlang()).toMatch(/\{"e2",\d+\}/);
    expect(await discover(a)).toEqual(['127.0.0.1:4002']);
    await end(node);
    await until('the Erlang node is gone', async () => !(await listed()).includes('e2'));
  });
});
