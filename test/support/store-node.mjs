// A node whose store a parent process drives: each message { id, act, arguments } is answered with { id, result } or
// { id, error }. What its handlers hear is kept, and handed over by `heard`.
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  addCounters,
  Cluster,
  ClusterEvents,
  ClusterModule,
  ClusterStore,
  mergeFields,
  unionSets,
} from '@nest-cluster/core';

const resolvers = { addCounters, mergeFields, unionSets };
let resolved = [];
const resolver = process.env.RESOLVER && watched(resolvers[process.env.RESOLVER]());

class StoreModule {}
Module({ imports: [ClusterModule.forRoot({ store: resolver ? { resolver } : {} })] })(StoreModule);

const app = await NestFactory.createApplicationContext(StoreModule, {
  logger: process.env.QUIET ? ['error'] : ['error', 'warn', 'log'],
});
app.enableShutdownHooks();
process.once('disconnect', () => void app.close().finally(() => process.exit(0)));
const cluster = app.get(Cluster);
const store = app.get(ClusterStore);
const heard = [];
app.get(ClusterEvents).subscribe('*', (event) => {
  if (!/^(storeWritten|storeDeleted|nodeChanged)$/.test(event.type)) heard.push({ ...event, at: Date.now() });
});

/** Notes what the resolver was asked. */
function watched(inner) {
  return {
    resolve(key, writes) {
      const result = inner.resolve(key, writes);
      resolved.push({ key, writes: writes.length });
      return result;
    },
  };
}

/** Longest time that the event loop stood still since the last question, in milliseconds. */
let pause = 0;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  pause = Math.max(pause, now - last - 1);
  last = now;
}, 1).unref();

/**
 * Writes without end: `set` of keys that are its own and never come twice, one after the other in each lane. What was
 * acknowledged is told to the parent at once, so that it is known whatever happens to this process.
 */
let writing;
function write({ prefix, lanes, pauseMs = 1, ack = 'quorum' }) {
  const failures = {};
  const run = { isOn: true };
  let count = 0;
  const lane = async () => {
    while (run.isOn) {
      const number = count++;
      try {
        await store.set(`${prefix}${number}`, number, { ack });
        process.send({ acked: `${prefix}${number}` });
      } catch (error) {
        failures[error.code] = (failures[error.code] ?? 0) + 1;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  writing = { run, done: Promise.all(Array.from({ length: lanes }, lane)), failures };
}

const acts = {
  state: () => ({
    self: cluster.self.name,
    incarnation: cluster.self.incarnation,
    state: cluster.state,
    size: store.size,
    ...store.status,
  }),
  nodes: () => cluster.nodes,
  heard: () => heard,
  resolved: () => resolved,
  get: (key) => store.get(key),
  keys: () => [...store.keys()].sort(),
  set: (key, value, options) => store.set(key, value, options),
  delete: (key, options) => store.delete(key, options),
  clear: (options) => store.clear(options),
  recovery: (mode) => store.setRecovery(mode),
  partitions: () => store.partitions(),
  diff: (id) => store.diff(id),
  resolve: (id, choice) => store.resolve(id, choice),
  dial: (address) => cluster.dial(address),
  /** So many entries of so many bytes, a turn of the loop after each thousand. */
  async fill(prefix, count, bytes) {
    const value = 'x'.repeat(bytes);
    for (let at = 0; at < count; at += 1000) {
      const batch = [];
      for (let key = at; key < Math.min(at + 1000, count); key++)
        batch.push(store.set(`${prefix}${key}`, value, { ack: 'local' }));
      await Promise.all(batch);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  /** Content of the whole store in 64 hexadecimal digits, the same for equal content. */
  content() {
    const hash = createHash('sha256');
    for (const [key, value] of [...store.entries()].sort(([a], [b]) => (a < b ? -1 : 1)))
      hash.update(JSON.stringify([key, value]));
    return { size: store.size, hash: hash.digest('hex') };
  },
  write,
  async stop() {
    writing.run.isOn = false;
    await writing.done;
    return writing.failures;
  },
  block(ms) {
    const end = Date.now() + ms;
    while (Date.now() < end);
  },
  pause() {
    const longest = pause;
    pause = 0;
    return longest;
  },
  memory() {
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heapUsed, external, rss };
  },
  close: () => app.close(),
};

process.on('message', async ({ id, act, args }) => {
  try {
    process.send({ id, result: (await acts[act](...args)) ?? null });
  } catch (error) {
    process.send({ id, error: { code: error.code, message: error.message } });
  }
});
process.send({ port: 1, address: cluster.self.address });
