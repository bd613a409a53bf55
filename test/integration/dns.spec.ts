/**
 * The `dns` strategy beside a real DNS server (D1–D3): nodes come and go with its records, and its ways to say no are told
 * apart. Without Debian's package `nsd` the suite is left out, but never in CI.
 */
import { randomBytes } from 'node:crypto';
import { Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Cluster,
  ClusterDiscovery,
  ClusterModule,
  dns,
  type ClusterOptions,
  type DnsOptions,
  type StrategyStatus,
} from '@nest-cluster/core';
import { BROKEN, DnsServer, hasDnsServer, ZONE } from '../support/dns-server.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const suite = hasDnsServer || process.env['CI'] === 'true' ? describe : describe.skip;

const SHOP = `shop.${ZONE}`;
const SERVICE = `_cluster._tcp.${ZONE}`;

suite('dns, with a real server', () => {
  let server: DnsServer;
  let cluster = '';
  let logged: string[];
  const apps: INestApplicationContext[] = [];

  const start = async (
    name: string,
    settings: DnsOptions,
    place: Pick<ClusterOptions, 'bind' | 'port'> = {},
  ): Promise<INestApplicationContext> => {
    const given = dns({ servers: server.address, ...settings });
    const options = {
      name,
      cluster,
      thread: 'main',
      discoveryIntervalMs: 200,
      dataPort: 0,
      port: 0,
    } as const;
    @Module({ imports: [ClusterModule.forRoot(given, { ...options, ...place })] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { abortOnError: false });
    apps.push(app);
    return app;
  };
  const seen = (app: INestApplicationContext): string =>
    app
      .get(Cluster)
      .nodes.map(({ name, status }) => `${name} ${status}`)
      .toSorted()
      .join();
  const allSee = (nodes: readonly INestApplicationContext[], whom: string): Promise<unknown> =>
    until(`all see ${whom}`, () => nodes.every((node) => seen(node) === whom));
  const discovery = (app: INestApplicationContext): StrategyStatus => {
    const [status] = app.get(ClusterDiscovery).strategies;
    if (!status) throw new Error('discovery does not run');
    return status;
  };
  const finds = (app: INestApplicationContext, ...contacts: readonly string[]): Promise<unknown> =>
    until(
      `it finds ${contacts.join()}`,
      () => discovery(app).contactPoints.toSorted().join() === contacts.join(),
    );

  beforeAll(async () => {
    server = await DnsServer.start();
  });

  beforeEach(() => {
    cluster = randomBytes(4).toString('hex');
    logged = [];
    const heard = (text: unknown): void => void logged.push(String(text));
    Logger.overrideLogger({ log: heard, warn: heard, error: heard });
  });

  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    Logger.overrideLogger(false);
  });

  afterAll(() => server?.close());

  it('finds nodes by A records, of one port, as they come and go', async () => {
    const port = await freePort('127.0.0.2');
    const settings = { query: SHOP };
    await server.publish('shop A 127.0.0.2', 'shop A 127.0.0.3');
    const a = await start('a', settings, { bind: '127.0.0.2', port });
    const b = await start('b', settings, { bind: '127.0.0.3', port });
    await allSee([a, b], 'a up,b up');
    // One that finds nobody is found by the others.
    const c = await start('c', { query: `elsewhere.${ZONE}` }, { bind: '127.0.0.4', port });
    await server.publish('shop A 127.0.0.2', 'shop A 127.0.0.3', 'shop A 127.0.0.4');
    await allSee([a, b, c], 'a up,b up,c up');
    // Whoever is no longer listed is still a member, for as long as it lives.
    await server.publish('shop A 127.0.0.2', 'shop A 127.0.0.3');
    await finds(a, `127.0.0.2:${port}`, `127.0.0.3:${port}`);
    expect(seen(a)).toBe('a up,b up,c up');
    await c.close();
    await until('it has left', () => seen(a).includes('c left') || !seen(a).includes('c '));
  });

  it('finds nodes by AAAA records', async () => {
    const port = await freePort('::1');
    await server.publish('other TXT x');
    const a = await start('a', { query: `elsewhere.${ZONE}` }, { bind: '::1', port });
    const b = await start('b', { query: SHOP, type: 'AAAA', port }, { bind: '::1' });
    await until('the name was asked for', () => discovery(b).answeredAt !== undefined);
    expect(seen(b)).toBe('b up');
    await server.publish('shop AAAA ::1');
    await allSee([a, b], 'a up,b up');
    await server.publish('other TXT x');
    await finds(b);
    expect(seen(b)).toBe('a up,b up');
  });

  it('finds nodes by SRV records, at ports of their own, and asks the same server for their hosts', async () => {
    const hosts = ['one A 127.0.0.2', 'two AAAA ::1'];
    const [one, two] = [await freePort('127.0.0.2'), await freePort('::1')];
    const settings = { query: SERVICE, type: 'SRV' } as const;
    await server.publish(...hosts, `_cluster._tcp SRV 0 0 ${one} one`);
    const a = await start('a', settings, { bind: '127.0.0.2', port: one });
    const b = await start('b', { query: `elsewhere.${ZONE}` }, { bind: '::1', port: two });
    await finds(a, `127.0.0.2:${one}`);
    expect(seen(a)).toBe('a up');
    await server.publish(...hosts, `_cluster._tcp SRV 0 0 ${one} one`, `_cluster._tcp SRV 9 0 ${two} two`);
    await finds(a, `127.0.0.2:${one}`, `[::1]:${two}`);
    await allSee([a, b], 'a up,b up');
  });

  it.each([
    ['does not exist', `elsewhere.${ZONE}`, /does not exist \(yet\): check CLUSTER_DNS_QUERY/],
    ['has no such records', `text.${ZONE}`, undefined],
  ])('takes a name that %s for one with nobody behind it', async (_, query, line) => {
    await server.publish('text TXT hello');
    const node = await start('a', { query });
    for (let round = 0; round < 3; round++) await node.get(ClusterDiscovery).discoverNow();
    expect(discovery(node)).toMatchObject({ contactPoints: [], errors: 0 });
    expect(logged.filter((text) => text.includes('strategy dns'))).toEqual(
      line ? [expect.stringMatching(line)] : [],
    );
  });

  it('takes SERVFAIL for no answer: an error, counted each time and logged once (D3)', async () => {
    const node = await start('a', { query: BROKEN });
    await until('it asked again', () => discovery(node).errors > 1);
    expect(discovery(node).lastError?.message).toBe(`DNS gave no answer to A ${BROKEN}: ESERVFAIL`);
    expect(logged.filter((text) => text.includes('strategy dns'))).toHaveLength(1);
  });

  it('keeps what it found while the server is away', async () => {
    await server.publish('shop A 127.0.0.7');
    const node = await start('a', { query: SHOP, port: 4000 });
    await finds(node, '127.0.0.7:4000');
    await server.stop();
    await until('it asked in vain', () => discovery(node).errors > 0);
    expect(discovery(node).contactPoints).toEqual(['127.0.0.7:4000']);
    await server.publish('shop A 127.0.0.8');
    await server.run();
    await finds(node, '127.0.0.8:4000');
    expect(logged.filter((text) => text.includes('strategy dns'))).toEqual([
      expect.stringMatching(/has trouble .* ECONNREFUSED/),
      expect.stringMatching(/works again/),
    ]);
  });
});
