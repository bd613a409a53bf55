/**
 * Whatever a call does not know is refused and named, and nothing is done: parameters, fields, numbers, names, methods.
 */
import { DocumentedCalls, send } from '../../support/documented-calls.js';
import { ADAPTERS, startNodes, type ManagedNode } from '../../support/management-app.js';

describe.each(ADAPTERS)('input on %s', (adapter) => {
  const longName = `n-${'x'.repeat(198)}`;
  let node: ManagedNode;
  let calls: DocumentedCalls;

  beforeAll(async () => {
    [node] = (await startNodes(1, adapter, { name: longName })) as readonly [ManagedNode];
    calls = new DocumentedCalls(node.origin, node.document);
  });
  afterAll(() => node.close());
  beforeEach(async () => {
    await node.store.clear();
    await node.store.set('tmp/a', 1);
    await node.store.set('b', 1);
  });

  const refusal = async (method: string, path: string, options = {}) => {
    const { status, body } = await calls.call(method, path, options);
    expect([status, body['code']]).toEqual([400, 'BAD_REQUEST']);
    return String(body['message']);
  };

  it('names an unknown parameter and the known ones, on every call', async () => {
    const operations = Object.entries(node.document.paths).flatMap(([template, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), template.replace(/\{\w+\}/, 'b')] as const),
    );
    expect(operations).toHaveLength(19);
    for (const [method, path] of operations) {
      const options = method === 'PUT' || method === 'POST' ? { json: {} } : {};
      expect(await refusal(method, `${path}?colour=red`, options)).toContain('no parameter "colour"');
    }
    expect(await refusal('GET', '/cluster/keys?Limit=1')).toBe(
      'there is no parameter "Limit"; this call takes prefix, limit, cursor',
    );
    expect(await refusal('GET', '/cluster?x')).toBe(
      'there is no parameter "x"; this call takes no parameter',
    );
    expect(await refusal('GET', '/cluster/keys?prefix[a]=1')).toContain('"prefix[a]"');
    expect(await refusal('GET', '/cluster/keys?prefix=%ff')).toContain('not percent-encoded');
  });

  it.each([
    '?prefix=tmp',
    '?all=true&prefix=tmp',
    '',
    '?all=false',
    '?all',
    '?all=true&all=true',
    '/',
    '/?all=true',
  ])('deletes no key by DELETE /cluster/keys%s', async (end) => {
    await refusal('DELETE', `/cluster/keys${end}`);
    expect(node.store.size).toBe(2);
  });

  it.each(['GET', 'PUT'])('takes no empty key by %s', async (method) => {
    expect(await refusal(method, '/cluster/keys/', method === 'PUT' ? { json: 1 } : {})).toBe(
      'a key is missing',
    );
  });

  it('names an unknown field and the known ones', async () => {
    const odd: readonly [string, string, object, string][] = [
      ['PUT', '/cluster', { recovery: 'manual', mode: 1 }, '"mode"; this body takes recovery'],
      ['POST', `/cluster/nodes/${longName}/join`, { addres: 'a:1' }, '"addres"; this body takes address'],
      [
        'POST',
        '/cluster/partitions/p/resolve',
        { choose: 'merge', by: 1 },
        '"by"; this body takes choose, side',
      ],
    ];
    for (const [method, path, json, words] of odd)
      expect(await refusal(method, path, { json })).toContain(words);
    const merge = { json: { choose: 'merge', side: 'a' } };
    expect(await refusal('POST', '/cluster/partitions/p/resolve', merge)).toContain('side belongs to keep');
    expect(node.store.recovery).toBe('automatic');
  });

  it.each(['1e400', '-1e999', '1e-400', '9007199254740993', '0.12345678901234567890', '[{"a":1e400}]'])(
    'refuses the number %s, which would be changed',
    async (raw) => {
      const headers = { 'content-type': 'application/json' };
      expect(await refusal('PUT', '/cluster/keys/b', { raw, headers })).toContain('cannot be kept exactly');
      await expect(node.store.get('b')).resolves.toBe(1);
    },
  );

  it.each(['{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}', '{"prototype":1}'])(
    'takes %s as any other value',
    async (raw) => {
      const headers = { 'content-type': 'application/json' };
      const { status, text } = await calls.call('PUT', '/cluster/keys/b', { raw, headers });
      expect([status, text]).toEqual([200, `{"key":"b","value":${raw},"exact":true}`]);
      expect((await calls.call('GET', '/cluster/keys/b')).text).toBe(text);
      expect(await refusal('PUT', '/cluster', { raw, headers })).toContain('there is no field');
    },
  );

  it('finds nodes by names of any length', async () => {
    const { body } = await calls.call('GET', `/cluster/nodes/${longName}`);
    expect(body['name']).toBe(longName);
    expect((await calls.call('POST', `/cluster/nodes/${longName}/join`)).status).toBe(202);
    expect((await calls.call('DELETE', `/cluster/nodes/${longName}?mode=halt`)).status).toBe(409);
    for (const path of [`nodes/${'y'.repeat(2_000)}`, `partitions/${'y'.repeat(2_000)}/diff`])
      expect((await calls.call('GET', `/cluster/${path}`)).status).toBe(404);
  });

  it.each(['/cluster', '/cluster/keys', '/cluster/keys/a', '/cluster/nope'])(
    'answers 405 to TRACE %s',
    async (path) => {
      const { status, body, headers } = await send(node.origin, 'TRACE', path);
      expect([status, body['code']]).toEqual([405, 'METHOD_NOT_ALLOWED']);
      expect(headers['allow']).toBe('GET, HEAD, PUT, POST, DELETE');
    },
  );

  it('has its bounds in the document', () => {
    const { paths } = node.document;
    const query = (path: string, method: 'get' | 'put' | 'delete', name: string) =>
      paths[path]?.[method]?.parameters?.find((known) => 'name' in known && known.name === name);
    expect(query('/cluster/keys', 'get', 'limit')).toMatchObject({
      schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
    });
    expect(query('/cluster/keys/{key}', 'put', 'ttl')).toMatchObject({
      schema: { minimum: 1, maximum: 2 ** 43 },
    });
    expect(query('/cluster/keys/{key}', 'put', 'key')).toMatchObject({
      schema: { minLength: 1, maxLength: 512 },
    });
    expect(query('/cluster/keys', 'delete', 'all')).toMatchObject({
      required: true,
      schema: { enum: ['true'] },
    });
    const body = (path: string) => paths[path]?.post?.requestBody;
    expect(body('/cluster/nodes/{name}/join')).toMatchObject({
      content: { 'application/json': { schema: { properties: { address: { maxLength: 300 } } } } },
    });
    expect(JSON.stringify(body('/cluster/partitions/{id}/resolve'))).toContain('"maxLength":200');
  });
});
