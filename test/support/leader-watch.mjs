// A node that asks itself all the time whether it leads, and writes down when the answer was yes: one record per term,
// { token, first yes, last yes } as three doubles, in milliseconds of the machine's monotonic clock. The file outlives
// the process, however that ends.
import 'reflect-metadata';
import { openSync, writeSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClusterLeadership, ClusterModule } from '@nest-cluster/core';

const ASK_MS = 2;
const RECORD_BYTES = 24;

class WatchModule {}
Module({ imports: [ClusterModule.forRoot()] })(WatchModule);

const app = await NestFactory.createApplicationContext(WatchModule, { logger: ['error'] });
app.enableShutdownHooks();
process.once('disconnect', () => void app.close().finally(() => process.exit(0)));
process.on('message', ({ block }) => {
  const end = Date.now() + block;
  while (Date.now() < end) ask();
});

const leadership = app.get(ClusterLeadership);
const file = openSync(process.env.WATCH_FILE, 'w');
const record = new Float64Array(3);
let terms = -1;

function monotonicMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The answer is true somewhere between `before` and `after`, so the yes is at least as long as what is written. */
function ask() {
  const before = monotonicMs();
  const leads = leadership.isLeader();
  const after = monotonicMs();
  if (!leads) return;
  // The lease may run out between the two questions; then there is nothing to write down.
  const { token } = leadership;
  if (token === 0) return;
  if (terms < 0 || record[0] !== token) {
    terms += 1;
    record[0] = token;
    record[1] = after;
  }
  record[2] = before;
  writeSync(file, new Uint8Array(record.buffer), 0, RECORD_BYTES, terms * RECORD_BYTES);
}

setInterval(ask, ASK_MS);
process.send?.({ port: 1 });
