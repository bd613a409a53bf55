/**
 * Discovery through a Kubernetes API that fails in every way that a real one can (D2, D3).
 */
import { Logger } from '@nestjs/common';
import { until } from '../support/until.js';
import { fakeApiServer, type FakeApiServer } from './kubernetes/api-server.js';
import { begin, discover, stopAll } from './kubernetes/discovering.js';
import { endpointSlice, pod, pods, slices } from './kubernetes/objects.js';

afterEach(stopAll);

describe('an API that fails', () => {
  let server: FakeApiServer;
  const add = (name: string, ip: string): unknown =>
    server.fake.store.create(slices('shop'), endpointSlice(name, [{ ip }], 4000));

  beforeEach(async () => {
    server = await fakeApiServer();
  });

  afterEach(async () => {
    await server.close();
  });

  it('reads pods, without those that ended, are leaving, or have no address yet', async () => {
    const { store } = server.fake;
    store.create(pods('shop'), pod('shop-0', '10.0.0.7'));
    store.create(pods('shop'), pod('shop-1', undefined));
    store.create(pods('shop'), pod('shop-2', '10.0.0.8', { phase: 'Succeeded' }));
    store.create(pods('shop'), pod('shop-3', '10.0.0.9', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    store.create(pods('shop'), pod('shop-4', '10.0.0.10', { phase: 'Pending' }));
    expect(await discover(await begin(server, { lookup: 'pods' }))).toEqual([
      '10.0.0.7:45893',
      '10.0.0.10:45893',
    ]);
    const hostnames = await discover(await begin(server, { lookup: 'pods', mode: 'hostname' }));
    expect(hostnames).toContain('shop-1.shop.shop.svc.cluster.local:45893');
  });

  it('reads long lists page by page, and begins anew when the server forgot the list between two pages (410)', async () => {
    const addresses = Array.from(
      { length: 1_203 },
      (_, index) => `10.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    );
    for (const [index, ip] of addresses.entries()) add(`slice-${String(index).padStart(4, '0')}`, ip);
    let hasForgotten = false;
    server.fake.fault = ({ query }) => {
      if (query.has('continue') && !hasForgotten) {
        hasForgotten = true;
        server.fake.store.compact();
      }
      return undefined;
    };
    const strategy = await begin(server, {});
    const contacts = await until('the list is whole', async () => {
      const list = await discover(strategy).catch(() => []);
      return list.length === addresses.length && list;
    });
    expect(contacts).toEqual(addresses.map((ip) => `${ip}:4000`));
    expect(server.fake.requests.every(({ query, isWatch }) => isWatch || query.get('limit') === '500')).toBe(
      true,
    );
  });

  it('lists again when the server has forgotten its version, whether it says so at once or in the stream (410)', async () => {
    const found: string[] = [];
    const strategy = await begin(server, {}, found);
    await discover(strategy);
    await until('it watches', () => server.fake.watchCount === 1);
    const refused = new Set<string>();
    server.fake.fault = ({ isWatch, query }) => {
      const version = query.get('resourceVersion') ?? '';
      return isWatch && refused.size === 0 && refused.add(version) ? { status: 410 } : undefined;
    };
    server.fake.endWatches();
    add('shop-1', '10.0.0.7');
    await until('the first address is found', () => found.includes('10.0.0.7:4000'));
    expect(refused.size).toBe(1);
    await until('it watches again', () => server.fake.watchCount === 1);
    server.fake.isSilent = true;
    add('shop-2', '10.0.0.8');
    server.fake.store.compact();
    server.fake.endWatches();
    server.fake.isSilent = false;
    await until('the second address is found', () => found.includes('10.0.0.8:4000'));
  });

  it('reads the rotated token again, without a failure (401)', async () => {
    const found: string[] = [];
    const strategy = await begin(server, {}, found);
    await discover(strategy);
    await until('it watches', () => server.fake.watchCount === 1);
    await server.rotateToken();
    server.fake.endWatches();
    add('shop-1', '10.0.0.7');
    await until('the address is found', () => found.includes('10.0.0.7:4000'));
    expect(await discover(await begin(server, {}))).toEqual(['10.0.0.7:4000']);
  });

  it.each([
    [401, /401.*token/],
    [403, /403.*Role/],
    [404, /404.*namespace/],
    [429, /429.*overloaded/],
    [500, /500/],
  ])('says what %d means, tries again, and works when it is over (D3)', async (status, message) => {
    add('shop-1', '10.0.0.7');
    server.fake.fault = () => ({ status });
    const strategy = await begin(server, {});
    await expect(discover(strategy)).rejects.toThrow(message);
    server.fake.fault = () => undefined;
    expect(await discover(strategy)).toEqual(['10.0.0.7:4000']);
  });

  it('tells once that it may not watch, and finds what is new all the same', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    try {
      const resources = ['endpointslices'];
      server.fake.rights.rules = [{ resources, verbs: ['list'] }];
      const strategy = await begin(server, {});
      await discover(strategy);
      await until(
        'it was refused twice',
        () => server.fake.requests.filter(({ isWatch }) => isWatch).length > 1,
      );
      add('shop-1', '10.0.0.7');
      await until('it is found', async () => (await discover(strategy)).join() === '10.0.0.7:4000');
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(/^endpoints of app=shop in shop cannot be watched.*noticed late.* 403 /)],
      ]);
    } finally {
      warn.mockRestore();
    }
  });

  it('has nothing to discover in a namespace that is missing, unless the server says more (403)', async () => {
    server.fake.namespaces = new Set(['default']);
    const strategy = await begin(server, {});
    expect(await discover(strategy)).toEqual([]);
    server.fake.fault = ({ isWatch }) => (isWatch ? undefined : { status: 403 });
    await expect(discover(await begin(server, {}))).rejects.toThrow(/403.*namespace exists/);
  });

  it('does not hang with a server that takes requests and never answers', async () => {
    server.fake.fault = () => ({ hang: true });
    const strategy = await begin(server, {});
    await expect(strategy.discover(AbortSignal.timeout(200))).rejects.toThrow(/did not answer/);
  });

  it('survives an outage: whoever is known stays known, and what is new is found when it is over (D2)', async () => {
    const found: string[] = [];
    add('shop-1', '10.0.0.7');
    const strategy = await begin(server, {}, found);
    expect(await discover(strategy)).toEqual(['10.0.0.7:4000']);
    await until('it watches', () => server.fake.watchCount === 1);
    await server.fake.close();
    await until('the failure is told', () =>
      discover(strategy).then(
        () => false,
        () => true,
      ),
    );
    add('shop-2', '10.0.0.8');
    await server.fake.listen();
    await until(
      'the new address is found',
      async () => (await discover(strategy).catch(() => [])).length === 2,
    );
  });

  it('gives up a watch in which nothing comes, not even bookmarks, and keeps one with bookmarks alone', async () => {
    const found: string[] = [];
    server.fake.bookmarkMs = 100;
    await discover(await begin(server, { watchSilenceMs: 1_000 }, found));
    await until('it watches', () => server.fake.watchCount === 1);
    const lists = (): number => server.fake.requests.filter(({ isWatch }) => !isWatch).length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(lists()).toBe(1);
    server.fake.isSilent = true;
    add('shop-1', '10.0.0.7');
    await until('the address is found by a new list', () => found.includes('10.0.0.7:4000'));
    expect(lists()).toBeGreaterThan(1);
  });

  it('does not begin a storm of requests when watches end at once', async () => {
    const strategy = await begin(server, {});
    await discover(strategy);
    const timer = setInterval(() => server.fake.endWatches(), 1);
    await until(
      'some watches were begun',
      () => server.fake.requests.filter(({ isWatch }) => isWatch).length >= 3,
    );
    const before = server.fake.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    clearInterval(timer);
    expect(server.fake.requests.length - before).toBeLessThan(4);
  });

  it('takes what it cannot read for nothing (D3)', async () => {
    const { store } = server.fake;
    const labels = { app: 'shop' };
    const odd = [
      { endpoints: null },
      { endpoints: [{ addresses: [7] }, { addresses: [] }, {}] },
      { ports: 'x' },
      {},
    ];
    for (const [index, each] of odd.entries())
      store.create(slices('shop'), { metadata: { name: `odd-${index}`, labels }, ...each });
    add('shop-1', '10.0.0.7');
    expect(await discover(await begin(server, {}))).toEqual(['10.0.0.7:4000']);
  });
});
