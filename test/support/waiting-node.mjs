// A node whose store never gets ready, with a route that waits for it. Tells its parent the port.
import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClusterModule, ClusterStore } from '@nest-cluster/core';

const decorate = (target, method, ...decorators) => {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, method);
  for (const decorator of decorators) decorator(target.prototype, method, descriptor);
};

class Waiting {
  constructor(store) {
    this.store = store;
  }

  read() {
    process.send({ waiting: true });
    return this.store.get('key', { wait: true });
  }
}
Inject(ClusterStore)(Waiting, undefined, 0);
decorate(Waiting, 'read', Get('read'));
Controller()(Waiting);

class App {}
const silent = { name: 'silent', discover: () => new Promise(() => {}) };
const options = { size: 3, port: 0, dataPort: 0, discoveryTimeoutMs: 3_600_000 };
Module({ imports: [ClusterModule.forRoot(silent, options)], controllers: [Waiting] })(App);

const app = await NestFactory.create(App, { logger: false, abortOnError: false });
app.enableShutdownHooks();
process.once('disconnect', () => process.exit(0));
await app.listen(0, '127.0.0.1');
process.send({ port: Number(new URL(await app.getUrl()).port) });
