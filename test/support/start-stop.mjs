// Starts and closes applications in this process, in many orders and at many moments, and says what became of each. When all is
// over nothing keeps the process: it ends by itself.
//   node start-stop.mjs <runs> <seed>
import 'reflect-metadata';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClusterModule, ClusterStore } from '@nest-cluster/core';

const [runs, seed] = process.argv.slice(2).map(Number);

let state = seed;
const chance = (below) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const oneOf = (...choices) => choices[chance(choices.length)];

const hosts = ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'];
const strategies = [
  () => ({ name: 'nowhere', discover: async () => [] }),
  () => ({ name: 'silent', discover: () => new Promise(() => {}) }),
  () => ({
    name: 'slow',
    start: () => delay(chance(30)),
    discover: async () => hosts,
    stop: () => delay(chance(30)),
  }),
];

async function application() {
  class Early {
    onModuleInit() {
      return delay(chance(10));
    }
  }
  class App {}
  const options = {
    name: 'n1@test',
    cluster: `start-stop-${process.pid}`,
    size: oneOf(1, 3),
    thread: oneOf('main', 'main', 'worker'),
    waitForQuorum: oneOf(false, true, 60_000),
    discoveryTimeoutMs: 200,
    port: 0,
    dataPort: 0,
  };
  Module({ imports: [ClusterModule.forRoot(oneOf(...strategies)(), options)], providers: [Early] })(App);
  return NestFactory.create(App, { logger: ['error', 'warn'], abortOnError: false });
}

const pause = async () => {
  const [kind, length] = [chance(3), chance(60)];
  if (kind === 0) await delay(length);
  if (kind === 1) for (let turns = chance(20); turns > 0; turns--) await turn();
  return `${['ms', 'turns', 'none'][kind]} ${length}`;
};
const settled = (what, work) =>
  work.then(
    () => `${what} done`,
    (error) => `${what} ${error.code ?? error.stack}`,
  );

const told = new Map();
for (let run = 0; run < runs; run++) {
  const app = await application();
  const store = app.get(ClusterStore);
  const waits = [
    settled('whenReady', store.whenReady()),
    settled('get', store.get('key', { wait: true })),
    settled('get for long', store.get('key', { wait: 3_600_000 })),
  ];
  if (chance(8) === 0) waits.push(settled('close', app.close()));
  if (chance(8) > 0)
    waits.push(
      settled(
        'start',
        oneOf(
          () => app.init(),
          () => app.listen(0, '127.0.0.1'),
        )(),
      ),
    );
  await pause();
  waits.push(settled('whenReady', store.whenReady()));
  await pause();
  for (let times = oneOf(1, 1, 2); times > 0; times--) waits.push(settled('close', app.close()));
  for (const outcome of await Promise.all(waits)) told.set(outcome, (told.get(outcome) ?? 0) + 1);
}
await delay(300);
process.send({ outcomes: Object.fromEntries(told), left: process.getActiveResourcesInfo() });
process.disconnect();
