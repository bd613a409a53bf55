// As many nodes as NODES says, in this one process and over a network in memory: all of the real code but the sockets. The
// first serves the page.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster, ClusterModule, MemoryNetwork } from '@nest-cluster/core';
import { ClusterManagementModule } from '@nest-cluster/management';

const count = Number(process.env.NODES);
const network = new MemoryNetwork();
const PORT = 20_001;
/** One thread does the work of all; what each does by the clock is spread out. */
const CALM = {
  membership: { probeIntervalMs: 4_000, probeTimeoutMs: 2_000, suspicionMs: 20_000, gossipIntervalMs: 1_000 },
  leadership: { leaseMs: 20_000, renewMs: 5_000, stallMs: 15_000 },
  store: { clockIntervalMs: 60_000 },
};
const hostOf = (index) => `127.1.${index >> 8}.${index & 255}`;
const strategy = { name: 'first', discover: async () => [`${hostOf(0)}:${PORT}`] };

function application(index) {
  class App {}
  const cluster = ClusterModule.forRoot({
    name: `node-${String(index + 1).padStart(3, '0')}@test`,
    size: count,
    port: PORT,
    bind: hostOf(index),
    thread: 'main',
    transport: network.transport,
    strategy,
    ...CALM,
  });
  Module({ imports: [cluster, ClusterManagementModule.forRoot()] })(App);
  return App;
}

const options = { logger: ['error'], abortOnError: false };
process.once('disconnect', () => process.exit(0));
const first = await NestFactory.create(application(0), options);
await first.listen(0, '127.0.0.1');
for (let index = 1; index < count; index++)
  await NestFactory.createApplicationContext(application(index), options);
const cluster = first.get(Cluster);
while (cluster.size.current < count) await new Promise((resolve) => setTimeout(resolve, 100));
process.send({ port: Number(new URL(await first.getUrl()).port) });
