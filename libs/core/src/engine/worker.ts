/**
 * Entry of the worker thread that a control plane runs in, so that links are served while the application is blocked (M4).
 */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '@nest-cluster/protocol';
import type { WorkerStart } from './engine-host.js';
import type { Command } from './engine-messages.js';
import { EngineServer } from './engine-server.js';
import { LeaseCell } from './lease-cell.js';

invariant(parentPort !== null, 'this file runs in a worker thread');
const port = parentPort;
const { config, memory } = workerData as WorkerStart;

const server = new EngineServer(config, new LeaseCell(memory), {
  post: (report) => port.postMessage(report),
  // Dying is the report: the main thread takes the lease away and starts another worker.
  failed: (error) =>
    process.nextTick(() => {
      throw error;
    }),
});
port.on('message', (command: Command) => server.receive(command));
