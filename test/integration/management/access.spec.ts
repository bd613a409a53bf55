/**
 * Who may call, and what a browser is allowed to do with the page.
 */
import {
  Injectable,
  UnauthorizedException,
  VersioningType,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { DocumentedCalls, send, type Answer, type CallOptions } from '../../support/documented-calls.js';
import {
  ADAPTERS,
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
