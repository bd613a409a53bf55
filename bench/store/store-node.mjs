// One node of the store under load, as an application runs it.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster, ClusterModule, ClusterStore } from '@nest-cluster/core';
import { heapMb, rate, rateOfPromises, serve, watchPauses, writeLoad } from './load.mjs';

class BenchModule {}
Module({ imports: [ClusterModule.forRoot()] })(BenchModule);

const began = performance.now();
const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error', 'warn'] });
const cluster = app.get(Cluster);
const store = app.get(ClusterStore);
let longestPause = process.env.BENCH_WATCHED ? watchPauses() : undefined;
let joinMs = 0;
void store.whenReady().then(() => (joinMs = performance.now() - began));
const turn = () => new Promise((resolve) => setImmediate(resolve));
let heard = 0;
const listener = () => void heard++;

serve({
  state: () => ({
    joinMs,
    state: cluster.state,
    ready: store.ready,
    up: cluster.size.current,
    ...store.status,
  }),
  write: (load) => writeLoad((key, value) => store.set(key, value), load),
  /** Writes that wait for nobody, at full speed, a turn of the loop after each hundred. */
  async flood({ ms }) {
    const value = 'v'.repeat(100);
    const end = performance.now() + ms;
    let count = 0;
    let most = 0;
    while (performance.now() < end) {
      await Promise.all(Array.from({ length: 100 }, () => store.set(`key-${count++ % 10_000}`, value)));
      if (count % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss / 1e6);
    }
    return { count, rssMb: most };
  },
  subscribe: () => void store.subscribe('*', listener),
  unsubscribe: () => void store.unsubscribe('*', listener),
  heard() {
    const count = heard;
    heard = 0;
    return count;
  },
  async reads() {
    const text = 'v'.repeat(100);
    const plain = {
      id: 'order-12345',
      customer: 'c-99',
      total: 129.5,
      items: [1, 2, 3],
      paid: true,
      note: 'of 100 bytes',
    };
    const keys = Array.from({ length: 1_000 }, (_, index) => `read-${index}`);
    const map = new Map();
    for (const key of keys) {
      await store.set(key, plain);
      await store.set(`${key}-text`, text);
      map.set(key, plain);
    }
    const texts = keys.map((key) => `${key}-text`);
    let sink;
    return {
      map: rate((call) => (sink = map.get(keys[call % 1000]))),
      peek: rate((call) => (sink = store.peek(keys[call % 1000]))),
      getText: await rateOfPromises((call) => store.get(texts[call % 1000])),
      getObject: await rateOfPromises((call) => store.get(keys[call % 1000])),
      sink: typeof sink,
    };
  },
  async fill({ count, prefix }) {
    for (let at = 0; at < count; at += 500) {
      const batch = [];
      for (let key = at; key < Math.min(count, at + 500); key++)
        batch.push(store.set(`${prefix}${key}`, `${key}`.padEnd(100, '.'), { ack: 'local' }));
      await Promise.all(batch);
      await turn();
    }
  },
  /** Creates and deletes keys that never come back. */
  async churn({ from, count }) {
    for (let at = from; at < from + count; at += 250) {
      const batch = [];
      for (let key = at; key < at + 250; key++) {
        batch.push(store.set(`churn-${key}`, key));
        batch.push(store.delete(`churn-${key}`));
      }
      await Promise.all(batch);
    }
  },
  clear: () => store.clear(),
  bytes: () => store.counters().transport.bytesOut,
  pause: () => (longestPause ??= watchPauses())(),
  heap: heapMb,
  close: () => app.close(),
});
process.once('disconnect', () => process.exit(0));
process.send({});
