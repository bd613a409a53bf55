/**
 * One suite for every strategy: those that come with the module, and the one that the docs show (D1–D4).
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dns, epmd, gossip, staticHosts, statefulSet, type StrategyContext } from '@nest-cluster/core';
import { strategyConformance } from '@nest-cluster/testing';
import { FileStrategy } from '../docs/file-strategy.js';
import { freePort } from '../support/free-port.js';

strategyConformance('static', () => ({
  strategy: staticHosts({ hosts: ['a:1', '[fd00::2]:3'] }).create({}),
  expected: ['a:1', '[fd00::2]:3'],
}));

strategyConformance('statefulSet', () => ({
  strategy: statefulSet({ size: 2, namespace: 'prod', service: 'shop', port: 4000 }).create({}),
  expected: ['shop-0.shop.prod.svc.cluster.local:4000', 'shop-1.shop.prod.svc.cluster.local:4000'],
}));

strategyConformance('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  const file = join(folder, 'nodes');
  await writeFile(file, '10.0.0.7:45893\n');
  return {
    strategy: new FileStrategy(file),
    expected: ['10.0.0.7:45893'],
    outage: { begin: () => rename(file, `${file}.away`), end: () => rename(`${file}.away`, file) },
    close: () => rm(folder, { recursive: true }),
  };
});

strategyConformance('dns', async () => {
  let server = await dnsServer(0);
  const { port } = server.address();
  return {
    strategy: dns({ query: 'shop.lan', servers: `127.0.0.1:${port}`, port: 4000 }).create({}),
    expected: ['10.0.0.7:4000'],
    outage: {
      begin: () => void server.close(),
      end: async () => void (server = await dnsServer(port)),
    },
    close: () => void server.close(),
  };
});

strategyConformance('gossip', async () => {
  const port = await freePort();
  const options = { port, multicastAddress: '239.77.1.3', interface: '127.0.0.1' };
  const other = gossip(options).create({});
  await other.start?.(neighbour(40_002));
  return {
    strategy: gossip(options).create({}),
    expected: ['127.0.0.1:40002'],
    close: () => other.stop?.(),
  };
});

strategyConformance('epmd', async () => {
  const port = await freePort();
  const other = epmd({ port }).create({});
  await other.start?.(neighbour(40_002));
  return {
    strategy: epmd({ port }).create({}),
    expected: ['127.0.0.1:40002'],
    close: () => other.stop?.(),
  };
});

/** Another node of the same cluster. */
function neighbour(port: number): StrategyContext {
  return {
    cluster: 'conformance',
    secrets: ['conformance secret'],
    self: { name: 'other@conformance', incarnation: 'd'.repeat(32), host: '127.0.0.1', port },
    loopbackOnly: false,
    found: () => undefined,
    wake: () => undefined,
    rejected: () => undefined,
  };
}

/** Answers every question with the one address 10.0.0.7. */
async function dnsServer(port: number): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (query, from) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 7]);
    socket.send(Buffer.concat([header, question, record]), from.port, from.address);
  });
  return socket;
}
