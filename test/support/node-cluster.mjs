// Workers of node:cluster, each with an application of its own. Tells its parent what each worker sees, until that one is gone.
//   node node-cluster.mjs   with WORKERS, STRATEGY (gossip, epmd), THREAD, PORT
import 'reflect-metadata';
import cluster from 'node:cluster';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster, ClusterModule, ClusterStore, epmd, gossip } from '@nest-cluster/core';

const LOOK_MS = 200;

function supervise() {
  for (let index = 0; index < Number(process.env.WORKERS); index++) cluster.fork();
  cluster.on('message', (worker, seen) => process.send?.({ worker: worker.id, ...seen }));
  process.once('disconnect', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGKILL');
    process.exit(0);
  });
}

async function work() {
  const port = Number(process.env.PORT);
  const strategies = {
    gossip: () => gossip({ port, interface: '127.0.0.1' }),
    epmd: () => epmd({ port }),
  };
  class App {}
  const size = Number(process.env.WORKERS);
  const options = { cluster: 'node-cluster', size, bind: '127.0.0.1', thread: process.env.THREAD };
  Module({ imports: [ClusterModule.forRoot(strategies[process.env.STRATEGY](), options)] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: ['warn', 'error'] });
  const [seat, store] = [app.get(Cluster), app.get(ClusterStore)];
  for (;;) {
    const wrote = await store.set(`key-${process.pid}`, 1, { ack: 'all' }).then(
      () => true,
      () => false,
    );
    process.send({ state: seat.state, leader: seat.leader?.name ?? null, ready: store.ready, wrote });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

if (cluster.isPrimary) supervise();
else await work();
