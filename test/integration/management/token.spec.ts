/**
 * The token: where it comes from, what it may be, who is told, and what is said about calls without it.
 */
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClusterModule } from '@nest-cluster/core';
import { ClusterManagementModule } from '@nest-cluster/management';
import { send } from '../../support/documented-calls.js';
import { ADAPTERS, MeetingPlace, startNodes, type ManagedNode } from '../../support/management-app.js';

describe('the token', () => {
  const { env } = process;
  const before = { ...env };
  afterEach(() => {
    for (const name of ['NODE_ENV', 'CLUSTER_MANAGEMENT_TOKEN']) {
      if (before[name] === undefined) delete env[name];
      else env[name] = before[name];
    }
    jest.restoreAllMocks();
  });

  const lonelyNode = () =>
    ClusterModule.forRoot(new MeetingPlace().strategy(), {
      name: 'n@test',
      size: 1,
      port: 0,
      dataPort: 0,
      thread: 'main',
    });

  function application(...args: Parameters<typeof ClusterManagementModule.forRoot>) {
    @Module({ imports: [lonelyNode(), ClusterManagementModule.forRoot(...args)] })
    class App {}
    return NestFactory.create(App, { logger: false, abortOnError: false });
  }

  it('is asked for in production', async () => {
    env['NODE_ENV'] = 'production';
    await expect(application()).rejects.toThrow(/CLUSTER_MANAGEMENT_TOKEN/);
    await expect(application({ token: false })).rejects.toThrow(/no guards/);
    await expect(application({ token: '' })).rejects.toThrow(/empty/);
    env['CLUSTER_MANAGEMENT_TOKEN'] = 'from-the-environment';
    await (await application()).close();
  });

  it.each([
    ['a blank', 'hush hush'],
    ['a line break within', 'hush\nhush'],
    ['a line break at the end', 'hush\n'],
    ['a blank at the beginning', ' hush'],
    ['a letter beyond ASCII', 'hush-größe'],
    ['a tab', 'hush\thush'],
    ['thousands of characters', 'hush'.repeat(2_000)],
  ])('that no header carries is refused at the start, and not shown: %s', async (_, token) => {
    const refused = application({ token });
    await expect(refused).rejects.toThrow(/token \(CLUSTER_MANAGEMENT_TOKEN\) .*no header carries/);
    await expect(refused).rejects.not.toThrow('hush');
    env['CLUSTER_MANAGEMENT_TOKEN'] = token;
    await expect(application()).rejects.toThrow(/no header carries/);
  });

  it('is drawn when there is none, and told with the whole address', async () => {
    const lines: unknown[] = [];
    jest.spyOn(Logger.prototype, 'log').mockImplementation((line: unknown) => void lines.push(line));
    const app = await application();
    app.setGlobalPrefix('api');
    await app.listen(0, '127.0.0.1');
    const line = lines.find((text) => String(text).includes('token='));
    const address = /http:\S+/.exec(String(line))?.[0] ?? '';
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/cluster\/ui\?token=[0-9a-f]{32}$/);
    expect((await fetch(address)).status).toBe(200);
    await app.close();
  });

  it('may come from a factory', async () => {
    const cluster = lonelyNode();
    const management = ClusterManagementModule.forRootAsync({
      path: 'ops',
      inject: [],
      useFactory: () => Promise.resolve({ token: 'made' }),
    });
    @Module({ imports: [cluster, management] })
    class App {}
    const app = await NestFactory.create(App, { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const origin = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    expect((await send(origin, 'GET', '/ops', { headers: { authorization: 'Bearer made' } })).status).toBe(
      200,
    );
    await app.close();
  });
});

describe.each(ADAPTERS)('calls without the token, on %s', (adapter) => {
  let node: ManagedNode;
  let lines: string[];

  beforeEach(async () => {
    lines = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => void lines.push(String(line)));
    [node] = (await startNodes(1, adapter)) as readonly [ManagedNode];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await node.close();
  });

  const told = () => lines.filter((line) => line.startsWith('refused calls'));
  const call = async (path: string, authorization: string) =>
    (await send(node.origin, 'GET', path, { headers: { authorization } })).status;

  it('are told of in one line', async () => {
    await expect(call('/cluster', 'Bearer guess-1')).resolves.toBe(401);
    for (let guess = 2; guess < 50; guess++) await call('/cluster/keys', `Bearer guess-${guess}`);
    await expect(call('/cluster', '')).resolves.toBe(401);
    expect(told()).toEqual([
      'refused calls: 1 with a wrong token, 0 without a token, the latest from 127.0.0.1; 1 since the start',
    ]);
  });

  it('count the page only when a wrong token opens it', async () => {
    await expect(call('/cluster/ui', '')).resolves.toBe(401);
    expect(told()).toEqual([]);
    await expect(call('/cluster/ui?token=guess', '')).resolves.toBe(401);
    expect(told()).toHaveLength(1);
  });
});
