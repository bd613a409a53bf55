/**
 * Bodies of management calls: none is read before the caller may call, and slow, large and deep ones cost little.
 */
import { Body, Controller, Injectable, Module, Post, type CanActivate } from '@nestjs/common';
import { DocumentedCalls, send } from '../../support/documented-calls.js';
import { ADAPTERS, startNodes, type ManagedNode } from '../../support/management-app.js';
import { RawCall } from '../../support/raw-call.js';
import { until, withRoom } from '../../support/until.js';

const VALUE_BYTES_MAX = 2 * 1024 * 1024 + 1_024;
const LARGEST_AT_ONCE = 8;
const HELD_MS = 10_000;
const PUT = 'PUT /cluster/keys/x';
const WRONG = { authorization: 'Bearer wrong', 'content-type': 'application/json' };

@Injectable()
class Nobody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller('echo')
class EchoController {
  @Post()
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

describe.each(ADAPTERS)('bodies on %s', (adapter) => {
  let node: ManagedNode;
  let calls: DocumentedCalls;
  const raw: RawCall[] = [];

  beforeAll(async () => {
    [node] = (await startNodes(1, adapter, { imports: [{ module: EchoModule }] })) as readonly [ManagedNode];
    calls = new DocumentedCalls(node.origin, node.document);
  });
  afterAll(() => node.close());
  afterEach(() => {
    for (const call of raw.splice(0)) call.close();
  });

  function begin(...args: Parameters<typeof RawCall.withBody>): RawCall {
    const call = RawCall.withBody(...args);
    raw.push(call);
    return call;
  }
  const answered = (call: RawCall) => until('it is answered', () => call.status > 0 && call.status);

  it.each([PUT, 'PUT /cluster', 'POST /cluster/nodes/n1@test/join', 'DELETE /cluster/nope'])(
    'are not waited for without the token: %s',
    async (line) => {
      const call = begin(node.origin, line, 1_000, '{"recovery":', 'wrong');
      await expect(answered(call)).resolves.toBe(401);
    },
  );

  it('are not waited for whatever the case of the path', async () => {
    const call = begin(node.origin, 'PUT /CLUSTER/keys/x', 1_000, '{', 'wrong');
    // Fastify knows no such route.
    await expect(answered(call)).resolves.toBe(adapter === 'express' ? 401 : 404);
  });

  it('are not waited for when the application refuses the caller', async () => {
    const management = { token: false, guards: [Nobody] } as const;
    const [guarded] = (await startNodes(1, adapter, { management })) as readonly [ManagedNode];
    const call = begin(guarded.origin, PUT, 1_000, '{');
    await expect(answered(call)).resolves.toBe(403);
    call.close();
    await guarded.close();
  });

  it('cost next to nothing without the token', async () => {
    const brackets = Buffer.alloc(2 * 1024 * 1024, '[');
    const hostile = Array.from({ length: 40 }, () =>
      begin(node.origin, PUT, brackets.length, brackets, 'wrong'),
    );
    await until('the first is answered', () => hostile.some(({ status }) => status === 401));
    const before = performance.now();
    expect((await calls.call('GET', '/cluster/leader/readiness')).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(withRoom(500));
    await until('all are answered', () => hostile.every(({ status }) => status === 401));
  });

  it('that are refused one after the other leave nothing behind on their connection', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const raw = Buffer.alloc(300_000, '[');
    for (let round = 0; round < 30; round++)
      expect((await send(node.origin, 'PUT', '/cluster/keys/x', { raw, headers: WRONG })).status).toBe(401);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('that do not arrive end their connections after ten seconds', async () => {
    const allowed = begin(node.origin, PUT, 1_000, '{');
    const others = [
      begin(node.origin, PUT, 1_000, '{', 'wrong'),
      begin(node.origin, 'GET /cluster', 1_000, '{'),
      begin(node.origin, 'GET /cluster/leader/readiness', 1_000, '', ''),
    ];
    const all = [allowed, ...others];
    await until('they are closed', () => all.every(({ isOver }) => isOver), HELD_MS + withRoom(500));
    expect(all.map(({ status }) => status)).toEqual([408, 401, 400, 400]);
  });

  it('that are refused and too large to wait for end their connections with the answer', async () => {
    const large = begin(node.origin, PUT, 1_000_000_000, '{', 'wrong');
    const chunked = RawCall.open(node.origin, PUT, ['Transfer-Encoding: chunked'], 'wrong');
    raw.push(chunked);
    const all = [large, chunked];
    await until('they are closed', () => all.every(({ isOver }) => isOver), withRoom(500));
    expect(all.map(({ status }) => status)).toEqual([401, 401]);
  });

  it('are few at a time, and the caller is told when to come again', async () => {
    const all = Array.from({ length: 400 }, () => begin(node.origin, PUT, VALUE_BYTES_MAX, '"xxxx'));
    const isRefused = ({ status }: RawCall) => status === 503;
    await until('the others are refused', () => all.filter(isRefused).length >= 400 - LARGEST_AT_ONCE);
    const refused = all.find(isRefused);
    expect(refused?.text).toMatch(/\r\nretry-after: 1\r\n/i);
    expect(refused?.text).toContain('"code":"UNAVAILABLE"');
    expect(all.filter(({ status }) => Number.isNaN(status))).toHaveLength(LARGEST_AT_ONCE);
    for (const call of all) call.close();
    await until('there is room again', async () => {
      const json = 'x'.repeat(1_000_000);
      return (await calls.call('PUT', '/cluster/keys/x', { json })).status === 200;
    });
  });

  it('are refused as too large before any of them has arrived', async () => {
    const call = begin(node.origin, PUT, VALUE_BYTES_MAX + 1, '');
    await expect(answered(call)).resolves.toBe(413);
  });

  it('may come in chunks, up to the same size', async () => {
    const chunked = { 'transfer-encoding': 'chunked', 'content-type': 'application/json' };
    const put = (text: string) => {
      const call = RawCall.open(
        node.origin,
        PUT,
        Object.entries(chunked).map(([name, is]) => `${name}: ${is}`),
      );
      raw.push(call);
      call.write(`${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
      return answered(call);
    };
    await expect(put('{"a":[1]}')).resolves.toBe(200);
    await expect(node.store.get('x')).resolves.toEqual({ a: [1] });
    await expect(put(`"${'x'.repeat(VALUE_BYTES_MAX)}"`)).resolves.toBe(413);
  });

  it('may have 64 levels', async () => {
    const put = (levels: number) =>
      calls.call('PUT', '/cluster/keys/x', {
        raw: '['.repeat(levels) + ']'.repeat(levels),
        headers: { 'content-type': 'application/json' },
      });
    expect((await put(64)).status).toBe(200);
    expect((await put(65)).body).toEqual({
      statusCode: 400,
      code: 'BAD_REQUEST',
      message: 'the body has more than 64 levels',
    });
  });

  it.each(['gzip', 'br', 'x-gzip, gzip'])('are refused when they are encoded: %s', async (encoding) => {
    const { status, body } = await calls.call('PUT', '/cluster/keys/x', {
      json: 1,
      headers: { 'content-encoding': encoding },
    });
    expect([status, body['code']]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(body['message']).toContain(encoding);
  });

  it('are refused by calls that take none, and nothing is done', async () => {
    await node.store.set('kept', 1);
    const json = { prefix: 'tmp' };
    for (const [method, path] of [
      ['DELETE', '/cluster/keys?all=true'],
      ['DELETE', '/cluster/keys/kept'],
      ['DELETE', '/cluster/leader'],
      ['GET', '/cluster/keys'],
    ] as const)
      expect((await calls.call(method, path, { json })).body['message']).toBe('this call takes no body');
    expect(node.store.has('kept')).toBe(true);
  });

  it('of the application itself are parsed as ever', async () => {
    const { status, body } = await send(node.origin, 'POST', '/echo', { json: { a: 1 } });
    expect([status, body]).toEqual([201, { a: 1 }]);
  });
});
