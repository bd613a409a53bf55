/**
 * Who may call, and what a browser is allowed to do with the page.
 */
import {
  Injectable,
  Logger,
  UnauthorizedException,
  VersioningType,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { ClusterModule } from '@nest-cluster/core';
import { ClusterManagementModule } from '@nest-cluster/management';
import { DocumentedCalls, send, type Answer, type CallOptions } from '../../support/documented-calls.js';
import {
  ADAPTERS,
  MeetingPlace,
  TOKEN,
  startNodes,
  type ManagedNode,
  type NodeSettings,
} from '../../support/management-app.js';

@Injectable()
class Doorman implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    if (headers['x-user'] === undefined) throw new UnauthorizedException('who are you?');
    return headers['x-user'] === 'operator';
  }
}

const NO_TOKEN = { headers: { authorization: '' } };

describe.each(ADAPTERS)('access on %s', (adapter) => {
  const nodes: ManagedNode[] = [];
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.close()));
  });

  async function start(settings: Partial<NodeSettings> = {}): Promise<ManagedNode> {
    const [node] = await startNodes(1, adapter, settings);
    if (node === undefined) throw new Error('no node');
    nodes.push(node);
    return node;
  }

  const statusOf = async (answer: Promise<Answer>) => (await answer).status;
  const ask = ({ origin, document }: ManagedNode, path: string, options?: CallOptions, method = 'GET') =>
    new DocumentedCalls(origin, document).call(method, path, options);

  it('is by the token, in the header alone', async () => {
    const node = await start();
    const guarded = Object.entries(node.document.paths).flatMap(([template, operations]) =>
      Object.keys(operations).map((method) => [method.toUpperCase(), template] as const),
    );
    expect(guarded).toHaveLength(19);
    for (const [method, template] of guarded) {
      if (template === '/cluster/leader/readiness') continue;
      const path = template.replace(/\{\w+\}/, 'a');
      const { status, body, headers } = await ask(node, path, NO_TOKEN, method);
      expect([method, path, status]).toEqual([method, path, 401]);
      expect(body).toEqual({
        statusCode: 401,
        code: 'UNAUTHORIZED',
        message: expect.stringContaining('Bearer'),
      });
      expect(headers['cache-control']).toBe('no-store');
    }
    expect(await statusOf(ask(node, '/cluster/nope', NO_TOKEN))).toBe(401);
    for (const authorization of [
      'Bearer wrong',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      TOKEN,
      `Basic ${TOKEN}`,
      'Bearer ',
      `Bearer ${'x'.repeat(8_000)}`,
    ])
      expect(await statusOf(ask(node, '/cluster', { headers: { authorization } }))).toBe(401);
    for (const path of ['/cluster', '/cluster/keys', '/cluster/events'])
      expect(await statusOf(ask(node, `${path}?token=${TOKEN}`, NO_TOKEN))).toBe(401);
    expect(await statusOf(ask(node, '/cluster', { headers: { authorization: `bearer ${TOKEN}` } }))).toBe(
      200,
    );
    expect(await statusOf(ask(node, '/cluster/leader/readiness', NO_TOKEN))).toBe(200);
    expect(await statusOf(ask(node, '/cluster/keys/a', { ...NO_TOKEN, json: 1 }, 'PUT'))).toBe(401);
  });

  it('opens the page by a token in its address, under a policy that allows nothing else', async () => {
    const node = await start();
    const { status, text, headers } = await ask(node, `/cluster/ui?token=${TOKEN}`, NO_TOKEN);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toMatch(/script-src 'sha256-[\w+/=]+';/);
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    const browser = { headers: { authorization: '', accept: 'text/html' } };
    const asking = await ask(node, '/cluster/ui', browser);
    expect([asking.status, asking.text]).toEqual([401, text]);
    expect(await statusOf(ask(node, '/cluster/ui?token=wrong', NO_TOKEN))).toBe(401);
  });

  it('may be decided by guards of the application, beside the token or in its place', async () => {
    const beside = await start({ management: { guards: [Doorman] } });
    const instead = await start({ management: { guards: [new Doorman()], token: false } });
    const asOperator = { 'x-user': 'operator' };
    const asGuest = { 'x-user': 'guest' };
    expect(await statusOf(ask(beside, '/cluster', { headers: asOperator }))).toBe(200);
    expect(await statusOf(ask(beside, '/cluster', { headers: { ...asOperator, authorization: '' } }))).toBe(
      401,
    );
    const guest = await ask(beside, '/cluster', { headers: asGuest });
    expect([guest.status, guest.body]).toEqual([
      403,
      expect.objectContaining({ statusCode: 403, code: 'FORBIDDEN' }),
    ]);
    const nobody = await ask(beside, '/cluster', { headers: {} });
    expect(nobody.body).toEqual({ statusCode: 401, code: 'UNAUTHORIZED', message: 'who are you?' });
    expect(await statusOf(ask(instead, '/cluster', { headers: { ...asOperator, authorization: '' } }))).toBe(
      200,
    );
    expect(await statusOf(ask(instead, '/cluster', { headers: { ...asGuest, authorization: '' } }))).toBe(
      403,
    );
  });

  it('works under a global prefix, with versions, and another path', async () => {
    const prefixed = await start({
      management: { path: '/ops/cluster/' },
      prepare: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    const base = `${prefixed.origin}/api/ops/cluster`;
    expect(await statusOf(ask(prefixed, '/api/ops/cluster'))).toBe(200);
    const key = '/api/ops/cluster/keys/a%2Fb';
    expect((await ask(prefixed, key, { json: 'x' }, 'PUT')).body).toEqual({
      key: 'a/b',
      value: 'x',
      exact: true,
    });
    expect(await statusOf(ask(prefixed, key))).toBe(200);
    expect(await statusOf(send(prefixed.origin, 'GET', '/cluster'))).toBe(404);
    expect(Object.keys(prefixed.document.paths)).toContain('/api/ops/cluster/keys/{key}');
    expect((await fetch(`${base}/ui?token=${TOKEN}`)).status).toBe(200);
  });

  it('leaves other origins to the application', async () => {
    const closed = await start();
    const open = await start({ prepare: (app) => app.enableCors({ origin: 'https://ops.example' }) });
    const elsewhere = { headers: { origin: 'https://ops.example' } };
    expect((await ask(closed, '/cluster', elsewhere)).headers['access-control-allow-origin']).toBeUndefined();
    expect((await ask(open, '/cluster', elsewhere)).headers['access-control-allow-origin']).toBe(
      'https://ops.example',
    );
  });
});

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

  function application(...args: Parameters<typeof ClusterManagementModule.forRoot>) {
    const cluster = ClusterModule.forRoot(new MeetingPlace().strategy(), {
      name: 'n@test',
      size: 1,
      port: 0,
      dataPort: 0,
      thread: 'main',
    });
    @Module({ imports: [cluster, ClusterManagementModule.forRoot(...args)] })
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
    const cluster = ClusterModule.forRoot(new MeetingPlace().strategy(), {
      name: 'n@test',
      size: 1,
      port: 0,
      dataPort: 0,
      thread: 'main',
    });
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
