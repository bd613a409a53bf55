/**
 * What the fake API server has in common with a real one, as far as the code under test depends on it.
 */
import { request } from 'node:https';
import { FakeKubernetes } from './fake-kubernetes.js';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/shop/leases';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';

interface Sent {
  readonly status: number;
  readonly body: { readonly message?: string; readonly items?: readonly unknown[] };
}

let server: FakeKubernetes;
let token: string;

beforeEach(async () => {
  server = new FakeKubernetes();
  await server.listen();
  token = server.issueToken();
});

afterEach(() => server.close());

function open(method: string, path: string, body: object | undefined, data: (text: string) => void) {
  return new Promise<number>((resolve, reject) => {
    const options = { method, ca: server.certificate.cert, headers: { authorization: `Bearer ${token}` } };
    const sent = request(new URL(path, server.url), options, (response) => {
      response
        .setEncoding('utf8')
        .on('data', data)
        .once('error', () => undefined);
      response.once('close', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject).end(body && JSON.stringify(body));
  });
}

async function send(method: string, path: string, body?: object): Promise<Sent> {
  let text = '';
  const status = await open(method, path, body, (chunk) => (text += chunk));
  return { status, body: JSON.parse(text) as Sent['body'] };
}

/** What a watch is told, until the server ends it. */
async function watched(query: string, change: () => void): Promise<readonly string[]> {
  let text = '';
  const ended = open('GET', `${SLICES}?watch=true&${query}`, undefined, (chunk) => (text += chunk));
  while (server.watchCount === 0) await new Promise((resolve) => setImmediate(resolve));
  change();
  server.endWatches();
  await ended;
  while (server.watchCount > 0) await new Promise((resolve) => setImmediate(resolve));
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name?: string } } };
    return `${type} ${object.metadata.name}`;
  });
}

const lease = (name: string, more: object = {}): object => ({ metadata: { name }, spec: {}, ...more });
const label = (name: string, app: string) => {
  const { metadata, ...rest } = server.store.get(SLICES, name);
  server.store.replace(SLICES, name, { ...rest, metadata: { ...metadata, labels: { app } } });
};

describe('a watch', () => {
  beforeEach(() => {
    for (const app of ['shop', 'other'])
      server.store.create(SLICES, { metadata: { name: `of-${app}`, labels: { app } } });
  });

  it('begins with what there is, unless it names a version', async () => {
    expect(await watched('labelSelector=app=shop', () => undefined)).toEqual(['ADDED of-shop']);
    const since = `labelSelector=app=shop&resourceVersion=${server.store.version}`;
    expect(await watched(since, () => undefined)).toEqual([]);
  });

  it('is told of an object that gets the label as added, and of one that loses it as deleted', async () => {
    const query = `labelSelector=app=shop&resourceVersion=${server.store.version}`;
    const told = await watched(query, () => {
      label('of-other', 'shop');
      label('of-shop', 'other');
      label('of-shop', 'nobody');
      server.store.remove(SLICES, 'of-shop');
      server.store.remove(SLICES, 'of-other');
    });
    expect(told).toEqual(['ADDED of-other', 'DELETED of-shop', 'DELETED of-other']);
  });
});

describe('a write', () => {
  it('creates a Lease that is put to its address, once, and no other kind of object', async () => {
    const path = `${LEASES}/shop`;
    const answers = await Promise.all([1, 2, 3, 4].map(() => send('PUT', path, lease('shop'))));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 422, 422, 422]);
    expect((await send('PUT', `${SLICES}/shop`, lease('shop'))).status).toBe(404);
  });

  it('leaves the version of an object that does not change, and tells nobody', async () => {
    const object = server.store.create(SLICES, { metadata: { name: 'a' }, ports: [] });
    const told = await watched(`resourceVersion=${server.store.version}`, () => {
      expect(server.store.replace(SLICES, 'a', object)).toEqual(object);
    });
    expect(told).toEqual([]);
  });

  it.each(['A', 'a..b', 'a.-b', '-a', 'a_b', 'a'.repeat(254)])(
    'is refused under the name %s',
    async (name) => {
      expect((await send('POST', LEASES, lease(name))).status).toBe(422);
    },
  );

  it('may leave a duration open', async () => {
    expect((await send('POST', LEASES, lease('a', { spec: { leaseDurationSeconds: null } }))).status).toBe(
      201,
    );
  });
});

describe('a namespace that is missing', () => {
  beforeEach(() => (server.namespaces = new Set(['default'])));

  it('takes no object, and has an empty list', async () => {
    for (const [method, path] of [
      ['POST', LEASES],
      ['PUT', `${LEASES}/shop`],
    ] as const) {
      const { status, body } = await send(method, path, lease('shop'));
      expect([status, body.message]).toEqual([404, 'namespaces "shop" not found']);
    }
    expect(await send('GET', LEASES)).toMatchObject({ status: 200, body: { items: [] } });
  });
});

describe('a Role', () => {
  it('allows what it names, and creating by a PUT where it is bound to the name', async () => {
    const resources = ['leases'];
    server.rights.rules = [{ resources, resourceNames: ['shop'], verbs: ['get', 'update', 'create'] }];
    expect((await send('POST', LEASES, lease('shop'))).status).toBe(403);
    expect((await send('PUT', `${LEASES}/other`, lease('other'))).status).toBe(403);
    expect((await send('PUT', `${LEASES}/shop`, lease('shop'))).status).toBe(201);
    expect((await send('GET', `${LEASES}/shop`)).status).toBe(200);
    expect((await send('GET', `${LEASES}?fieldSelector=metadata.name=shop`)).body.message).toMatch(
      /cannot list resource "leases".*namespace "shop"/,
    );
    expect([...server.rights.refused]).toEqual(['create leases ', 'update leases other', 'list leases shop']);
    expect([...server.rights.used]).toEqual(['update leases', 'create leases', 'get leases']);
  });
});
