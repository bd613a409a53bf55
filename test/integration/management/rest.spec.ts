/**
 * Every management call under both adapters, with good, bad and hostile input. Each answer is held against the OpenAPI
 * document.
 */
import SwaggerParser from '@apidevtools/swagger-parser';
import { DocumentedCalls, send } from '../../support/documented-calls.js';
import { ADAPTERS, startNodes, type ManagedNode } from '../../support/management-app.js';
import { until } from '../../support/until.js';

const ODD_KEYS = [
  'a/b',
  '/',
  'a//b/',
  '..',
  '.',
  '../../etc/passwd',
  'a/../b',
  '50%',
  '%2F',
  '%',
  'a b',
  'a+b',
  'a?b=c&d#e',
  'ключ-鍵-🔑',
  '<script>alert(1)</script>',
  '"; DROP TABLE keys; --',
  '__proto__',
  'constructor',
  'keys/',
  'new\nline',
  'k'.repeat(512),
];

describe.each(ADAPTERS)('the management calls on %s', (adapter) => {
  let nodes: readonly ManagedNode[];
  let node: ManagedNode;
  let calls: DocumentedCalls;

  beforeAll(async () => {
    nodes = await startNodes(2, adapter, { management: { allowHalt: false } });
    [node] = nodes as readonly [ManagedNode];
    calls = new DocumentedCalls(node.origin, node.document);
  });
  afterAll(async () => {
    await Promise.all(nodes.map((one) => one.close()));
  });

  const key = (name: string) => `/cluster/keys/${encodeURIComponent(name)}`;
  const ofKey = { template: '/cluster/keys/{key}' };
  const ofNode = { template: '/cluster/nodes/{name}' };
  const ofJoin = { template: '/cluster/nodes/{name}/join' };

  it('has a document that validates', async () => {
    const document: unknown = structuredClone(node.document);
    await expect(SwaggerParser.validate(document as never)).resolves.toBeDefined();
    expect(Object.keys(node.document.paths).toSorted()).toEqual([
      '/cluster',
      '/cluster/events',
      '/cluster/keys',
      '/cluster/keys/{key}',
      '/cluster/leader',
      '/cluster/leader/readiness',
      '/cluster/nodes',
      '/cluster/nodes/{name}',
      '/cluster/nodes/{name}/join',
      '/cluster/partitions',
      '/cluster/partitions/{id}/diff',
      '/cluster/partitions/{id}/resolve',
      '/cluster/ui',
    ]);
  });

  describe('the cluster', () => {
    it('is shown whole, with what every node sees', async () => {
      // A process that has just compiled all of this is degraded for a moment.
      const shown = await until('both nodes are well and were asked', async () => {
        const { body } = await calls.call('GET', '/cluster');
        const listed = body['nodes'] as { status: string; view: unknown }[];
        return listed.every(({ status, view }) => status === 'up' && view !== null) ? body : undefined;
      });
      expect(shown).toMatchObject({
        cluster: 'managed',
        self: 'n1@test',
        state: 'green',
        recovery: 'automatic',
        size: { expected: 2, current: 2 },
        leader: { guarantee: 'quorum' },
        store: { ready: true, replicas: { all: 1, inSync: 1 } },
        partitions: [],
      });
      expect(shown['nodes']).toMatchObject([
        { name: 'n1@test', status: 'up', self: true, sees: ['n1@test', 'n2@test'] },
        { name: 'n2@test', status: 'up', self: false, sees: ['n1@test', 'n2@test'] },
      ]);
    });

    it('switches the recovery mode on every node', async () => {
      const { body } = await calls.call('PUT', '/cluster', { json: { recovery: 'manual' } });
      expect(body['recovery']).toBe('manual');
      await until('the other node follows', () => nodes[1]?.store.recovery === 'manual');
      await calls.call('PUT', '/cluster', { json: { recovery: 'automatic' } });
      await until('the other node follows back', () => nodes[1]?.store.recovery === 'automatic');
    });

    it.each([
      ['another word', { json: { recovery: 'perhaps' } }],
      ['a number', { json: { recovery: 1 } }],
      ['nothing', { json: {} }],
      ['a list', { json: [] }],
      ['null', { json: null }],
      ['text', { json: 'manual' }],
      ['no body', {}],
      [
        'a prototype',
        { raw: '{"__proto__":{"recovery":"manual"}}', headers: { 'content-type': 'application/json' } },
      ],
      ['half of JSON', { raw: '{"recovery":', headers: { 'content-type': 'application/json' } }],
      [
        'another type',
        { raw: 'recovery=manual', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      ],
      ['plain text', { raw: 'manual', headers: { 'content-type': 'text/plain' } }],
      ['brackets without end', { raw: '['.repeat(200_000), headers: { 'content-type': 'application/json' } }],
      [
        'broken UTF-8',
        { raw: Buffer.from([0x22, 0xff, 0xfe, 0x22]), headers: { 'content-type': 'application/json' } },
      ],
    ])('refuses %s as recovery', async (_, options) => {
      const { status } = await calls.call('PUT', '/cluster', options);
      expect(status).toBe(400);
      expect(node.store.recovery).toBe('automatic');
    });
  });

  describe('nodes', () => {
    it('are listed, and shown one at a time with the traffic of their links', async () => {
      const list = await calls.call('GET', '/cluster/nodes');
      expect(list.body).toHaveLength(2);
      for (const name of ['n1@test', 'n2@test']) {
        const { body } = await calls.call('GET', `/cluster/nodes/${encodeURIComponent(name)}`, ofNode);
        expect(body).toMatchObject({ name, links: [{ node: name === 'n1@test' ? 'n2@test' : 'n1@test' }] });
      }
    });

    it.each(['nobody', '..%2f..', '%00', '%F0%9F%94%91', 'a'.repeat(90), '__proto__'])(
      'says 404 for %s',
      async (name) => {
        const paths = [`/cluster/nodes/${name}`, `/cluster/nodes/${name}?mode=leave`];
        const [shown, ended] = await Promise.all([
          calls.call('GET', paths[0] ?? '', ofNode),
          calls.call('DELETE', paths[1] ?? '', ofNode),
        ]);
        expect([shown.status, ended.status]).toEqual([404, 404]);
        expect((await calls.call('POST', `/cluster/nodes/${name}/join`, ofJoin)).status).toBe(404);
      },
    );

    it.each(['n1@test', 'n2@test'])('%s runs discovery, or dials an address', async (name) => {
      const path = `/cluster/nodes/${encodeURIComponent(name)}/join`;
      expect((await calls.call('POST', path, ofJoin)).body).toEqual({ node: name, accepted: 'join' });
      expect((await calls.call('POST', path, { ...ofJoin, json: { address: '127.0.0.1:1' } })).status).toBe(
        202,
      );
    });

    it.each([
      [{ address: 'nowhere' }],
      [{ address: 7 }],
      [{ address: null }],
      [{ address: 'a:99999' }],
      [[]],
      ['x'],
    ])('refuses to dial %j', async (json) => {
      expect((await calls.call('POST', '/cluster/nodes/n1@test/join', { ...ofJoin, json })).status).toBe(400);
    });

    it('refuses unknown ways to end a node, and a halt that is not allowed', async () => {
      for (const mode of ['die', '', 'halt&mode=leave'])
        expect((await calls.call('DELETE', `/cluster/nodes/n2@test?mode=${mode}`, ofNode)).status).toBe(400);
      for (const name of ['n1@test', 'n2@test'])
        expect((await calls.call('DELETE', `/cluster/nodes/${name}?mode=halt`, ofNode)).status).toBe(409);
      expect(node.cluster.size.current).toBe(2);
    });
  });

  describe('the leader', () => {
    it('is named, is ready, and steps down', async () => {
      const { body } = await calls.call('GET', '/cluster/leader');
      const leads = body['node'] === 'n1@test';
      expect((await calls.call('GET', '/cluster/leader/readiness')).status).toBe(leads ? 200 : 503);
      const other = new DocumentedCalls(nodes[1]?.origin ?? '', node.document);
      expect((await other.call('GET', '/cluster/leader/readiness')).status).toBe(leads ? 503 : 200);
      expect((await calls.call('DELETE', '/cluster/leader')).body).toEqual({
        node: body['node'],
        accepted: 'stepDown',
      });
      await until('another term begins', async () => {
        const next = await calls.call('GET', '/cluster/leader');
        return next.status === 200 && Number(next.body['token']) > Number(body['token']);
      });
    });
  });

  describe('keys', () => {
    afterEach(() => node.store.clear());

    it.each(ODD_KEYS)('take the key %j', async (name) => {
      const value = { of: name };
      expect((await calls.call('PUT', key(name), { ...ofKey, json: value })).body).toEqual({
        key: name,
        value,
        exact: true,
      });
      await expect(node.store.get(name)).resolves.toEqual(value);
      expect((await calls.call('GET', key(name), ofKey)).body).toEqual({ key: name, value, exact: true });
      expect((await calls.call('GET', '/cluster/keys')).body).toEqual({
        keys: [name],
        cursor: null,
        total: 1,
      });
      expect((await calls.call('DELETE', key(name), ofKey)).body).toEqual({ key: name, deleted: true });
      expect((await calls.call('GET', key(name), ofKey)).status).toBe(404);
      expect((await calls.call('DELETE', key(name), ofKey)).status).toBe(404);
    });

    it.each([null, true, 0, -1.5, '', 'text', [], {}, [1, { a: null }], 'x'.repeat(300_000)])(
      'take any JSON as value: %j',
      async (value) => {
        expect((await calls.call('PUT', key('any'), { ...ofKey, json: value })).status).toBe(200);
        expect((await calls.call('GET', key('any'), ofKey)).body['value']).toEqual(value);
      },
    );

    it('show values that JSON cannot say, and tell so', async () => {
      await node.store.set(
        'odd',
        new Map<unknown, unknown>([
          ['n', 1n],
          ['d', new Date(0)],
          ['b', new Uint8Array([1])],
        ]),
      );
      const { body } = await calls.call('GET', key('odd'), ofKey);
      expect(body).toEqual({
        key: 'odd',
        exact: false,
        value: [
          ['n', '1'],
          ['d', '1970-01-01T00:00:00.000Z'],
          ['b', 'AQ=='],
        ],
      });
    });

    it('expire, and wait for as many nodes as asked', async () => {
      await calls.call('PUT', `${key('short')}?ttl=50&ack=all`, { ...ofKey, json: 1 });
      await until('it is gone', async () => (await calls.call('GET', key('short'), ofKey)).status === 404);
    });

    it.each([
      'ttl=0',
      'ttl=-1',
      'ttl=soon',
      'ttl=1e99',
      'ttl=1&ttl=2',
      'ack=most',
      'ack=',
      'ack=all&ack=all',
    ])('refuse ?%s', async (query) => {
      expect((await calls.call('PUT', `${key('k')}?${query}`, { ...ofKey, json: 1 })).status).toBe(400);
      expect(node.store.has('k')).toBe(false);
    });

    it('refuse what is no JSON, no key, or too large', async () => {
      const json = { 'content-type': 'application/json' };
      const put = async (path: string, options: object) =>
        (await calls.call('PUT', path, { ...ofKey, ...options })).status;
      await expect(put(key('k'), {})).resolves.toBe(400);
      await expect(put(key('k'), { raw: 'text', headers: { 'content-type': 'text/plain' } })).resolves.toBe(
        400,
      );
      await expect(put(key('k'), { raw: 'undefined', headers: json })).resolves.toBe(400);
      await expect(put(key('k'.repeat(513)), { json: 1 })).resolves.toBe(400);
      await expect(put(key('🔑'.repeat(129)), { json: 1 })).resolves.toBe(400);
      await expect(put(key('k'), { json: 'x'.repeat(1_200_000) })).resolves.toBe(413);
      await expect(put(key('k'), { json: 'x'.repeat(8_000_000) })).resolves.toBe(413);
      expect(node.store.size).toBe(0);
      expect((await calls.call('GET', '/cluster')).status).toBe(200);
    });

    it('refuse an address that is not percent-encoded UTF-8', async () => {
      for (const bad of ['%zz', '%', '%C3%28', '%ff']) {
        const { status, text } = await send(node.origin, 'GET', `/cluster/keys/${bad}`);
        expect(status).toBe(400);
        expect(text).not.toMatch(/\n +at /);
      }
    });

    it('come in pages, in order', async () => {
      await Promise.all(Array.from({ length: 25 }, (_, index) => node.store.set(`p/${index}`, index)));
      await node.store.set('q', 1);
      const found: unknown[] = [];
      let path = '/cluster/keys?prefix=p%2F&limit=10';
      for (let cursor: unknown = ''; cursor !== null;) {
        const { body } = await calls.call('GET', path);
        expect(body['total']).toBe(25);
        found.push(...(body['keys'] as unknown[]));
        cursor = body['cursor'];
        path = `/cluster/keys?prefix=p%2F&limit=10&cursor=${String(cursor)}`;
      }
      expect(found).toEqual(Array.from({ length: 25 }, (_, index) => `p/${index}`).toSorted());
    });

    it.each([
      'limit=0',
      'limit=1001',
      'limit=x',
      'limit=',
      'cursor=***',
      'cursor=a&cursor=b',
      'prefix=a&prefix=b',
    ])('refuse a page with ?%s', async (query) => {
      expect((await calls.call('GET', `/cluster/keys?${query}`)).status).toBe(400);
    });

    it('are purged', async () => {
      await node.store.set('a', 1);
      expect((await calls.call('DELETE', '/cluster/keys?ack=some')).status).toBe(400);
      expect((await calls.call('DELETE', '/cluster/keys')).body).toEqual({ deleted: 1 });
      expect(node.store.size).toBe(0);
    });
  });

  describe('partitions', () => {
    it('are none, and none is found', async () => {
      expect((await calls.call('GET', '/cluster/partitions')).body).toEqual([]);
      const diff = { template: '/cluster/partitions/{id}/diff' };
      const resolve = { template: '/cluster/partitions/{id}/resolve' };
      expect((await calls.call('GET', '/cluster/partitions/none/diff', diff)).status).toBe(404);
      const choice = { ...resolve, json: { choose: 'merge' } };
      expect((await calls.call('POST', '/cluster/partitions/none/resolve', choice)).status).toBe(404);
    });

    it.each([
      [{ choose: 'keep' }],
      [{ choose: 'keep', side: 1 }],
      [{ choose: 'drop' }],
      [{}],
      [[]],
      [null],
      ['merge'],
    ])('refuse the choice %j', async (json) => {
      const resolve = { template: '/cluster/partitions/{id}/resolve', json };
      expect((await calls.call('POST', '/cluster/partitions/none/resolve', resolve)).status).toBe(400);
    });
  });

  it.each([
    ['POST', '/cluster'],
    ['PATCH', '/cluster'],
    ['DELETE', '/cluster'],
    ['GET', '/cluster/nope'],
    ['PATCH', '/cluster/leader'],
    ['POST', '/cluster/keys/a'],
    ['GET', '/cluster/nodes/a/b/c'],
    ['GET', '/cluster/%2e%2e/x'],
  ])('refuses %s %s in the documented shape', async (method, path) => {
    const { status, body } = await send(node.origin, method, path);
    expect([status, body]).toEqual([
      404,
      { statusCode: 404, code: 'NOT_FOUND', message: 'there is no such call' },
    ]);
  });

  it('lets another node leave and, asked itself, join again', async () => {
    const other = nodes[1] as ManagedNode;
    const left = await calls.call('DELETE', '/cluster/nodes/n2@test?mode=leave', ofNode);
    expect(left.body).toEqual({ node: 'n2@test', accepted: 'leave' });
    await until('it is gone', async () => {
      const { body } = await calls.call('GET', '/cluster/nodes/n2@test', ofNode);
      return body['status'] === 'left';
    });
    expect((await calls.call('POST', '/cluster/nodes/n2@test/join', ofJoin)).status).toBe(409);
    expect((await calls.call('GET', '/cluster')).body).toMatchObject({ state: 'red' });
    const itself = new DocumentedCalls(other.origin, node.document);
    expect((await itself.call('GET', '/cluster')).body).toMatchObject({ member: false });
    expect((await itself.call('DELETE', '/cluster/nodes/n2@test', ofNode)).status).toBe(409);
    expect((await itself.call('POST', '/cluster/nodes/n2@test/join', ofJoin)).status).toBe(202);
    await Promise.all(nodes.map((one) => one.settled()));
  });
});
