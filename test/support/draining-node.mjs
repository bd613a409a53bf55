// The demo application, which takes its time to stop: after SIGTERM it goes on answering over HTTP until its parent says
// `end`, as one does that waits for a load balancer to look elsewhere.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../apps/demo/dist/app.module.js';

const drained = new Promise((resolve) => process.once('message', resolve));

class Drain {
  async beforeApplicationShutdown() {
    process.send({ draining: true });
    await drained;
  }
}

class DrainingModule {}
Module({ imports: [AppModule], providers: [Drain] })(DrainingModule);

const app = await NestFactory.create(DrainingModule, { logger: ['error', 'warn'], abortOnError: false });
app.enableShutdownHooks();
process.once('disconnect', () => process.exit(0));
await app.listen(0, '127.0.0.1');
process.send({ port: Number(new URL(await app.getUrl()).port) });
