/**
 * Every management call under both adapters, with good, bad and hostile input. Each answer is held against the OpenAPI
 * document.
 */
import SwaggerParser from '@apidevtools/swagger-parser';
import { DocumentedCalls } from '../../support/documented-calls.js';
import { ADAPTERS, startNodes, type ManagedNode } from '../../support/management-app.js';
import { until } from '../../support/until.js';

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
        const { body } = await calls.call('GET', `/cluster/nodes/${encodeURIComponent(name)}`);
        expect(body).toMatchObject({ name, links: [{ node: name === 'n1@test' ? 'n2@test' : 'n1@test' }] });
      }
    });

    it.each(['nobody', '..%2f..', '%00', '%F0%9F%94%91', 'a'.repeat(90), '__proto__'])(
      'says 404 for %s',
      async (name) => {
        const paths = [`/cluster/nodes/${name}`, `/cluster/nodes/${name}?mode=leave`];
        const [shown, ended] = await Promise.all([
          calls.call('GET', paths[0] ?? ''),
          calls.call('DELETE', paths[1] ?? ''),
        ]);
        expect([shown.status, ended.status]).toEqual([404, 404]);
        expect((await calls.call('POST', `/cluster/nodes/${name}/join`)).status).toBe(404);
      },
    );

    it.each(['n1@test', 'n2@test'])('%s runs discovery, or dials an address', async (name) => {
      const path = `/cluster/nodes/${encodeURIComponent(name)}/join`;
      expect((await calls.call('POST', path)).body).toEqual({ node: name, accepted: 'join' });
      expect((await calls.call('POST', path, { json: { address: '127.0.0.1:1' } })).status).toBe(202);
    });

    it.each([
      [{ address: 'nowhere' }],
      [{ address: 7 }],
      [{ address: null }],
      [{ address: 'a:99999' }],
      [[]],
      ['x'],
    ])('refuses to dial %j', async (json) => {
      expect((await calls.call('POST', '/cluster/nodes/n1@test/join', { json })).status).toBe(400);
    });

    it('refuses unknown ways to end a node, and a halt that is not allowed', async () => {
      for (const mode of ['die', '', 'halt&mode=leave'])
        expect((await calls.call('DELETE', `/cluster/nodes/n2@test?mode=${mode}`)).status).toBe(400);
      for (const name of ['n1@test', 'n2@test'])
        expect((await calls.call('DELETE', `/cluster/nodes/${name}?mode=halt`)).status).toBe(409);
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

  describe('partitions', () => {
    it('are none, and none is found', async () => {
      expect((await calls.call('GET', '/cluster/partitions')).body).toEqual([]);
      expect((await calls.call('GET', '/cluster/partitions/none/diff')).status).toBe(404);
      const choice = { json: { choose: 'merge' } };
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
      expect((await calls.call('POST', '/cluster/partitions/none/resolve', { json })).status).toBe(400);
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
    const { status, body } = await calls.call(method, path);
    expect([status, body]).toEqual([
      404,
      { statusCode: 404, code: 'NOT_FOUND', message: 'there is no such call' },
    ]);
  });

  it('lets another node leave and, asked itself, join again', async () => {
    const other = nodes[1] as ManagedNode;
    const left = await calls.call('DELETE', '/cluster/nodes/n2@test?mode=leave');
    expect(left.body).toEqual({ node: 'n2@test', accepted: 'leave' });
    await until('it is gone', async () => {
      const { body } = await calls.call('GET', '/cluster/nodes/n2@test');
      return body['status'] === 'left';
    });
    expect((await calls.call('POST', '/cluster/nodes/n2@test/join')).status).toBe(409);
    expect((await calls.call('GET', '/cluster')).body).toMatchObject({ state: 'red' });
    const itself = new DocumentedCalls(other.origin, node.document);
    expect((await itself.call('GET', '/cluster')).body).toMatchObject({ member: false });
    expect((await itself.call('DELETE', '/cluster/nodes/n2@test')).status).toBe(409);
    expect((await itself.call('POST', '/cluster/nodes/n2@test/join')).status).toBe(202);
    await Promise.all(nodes.map((one) => one.settled()));
  });
});
