// A node without HTTP, for hosts that the test cannot reach over a network: it tells what it hears over the channel to its
// parent, as { at, type, node, … }, and its log as lines.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster, ClusterEvents, ClusterModule } from '@nest-cluster/core';

class HostModule {}
Module({ imports: [ClusterModule.forRoot()] })(HostModule);

const app = await NestFactory.create(HostModule, { logger: ['log', 'warn', 'error'] });
app.enableShutdownHooks();
process.once('disconnect', () => void app.close().finally(() => process.exit(0)));
app.get(ClusterEvents).subscribe('*', (event) => {
  const node = event.node?.name ?? event.leader?.name ?? null;
  process.send?.({ at: Date.now(), type: event.type, node, reason: event.reason, state: event.state });
});
await app.init();
const { name, address } = app.get(Cluster).self;
process.send?.({ at: Date.now(), type: 'started', node: name, address });
