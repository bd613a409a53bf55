/**
 * Entry of the worker thread that a control plane runs in, so that links are served while the application is blocked (M4).
 * It says who it is before it is given the configuration, which holds the secrets.
 */
import { parentPort } from 'node:worker_threads';
import { invariant } from '@nest-cluster/protocol';
import type { ControlPlaneConfig } from './config.js';
import { EngineServer } from './engine-server.js';
import { LeaseCell } from './lease-cell.js';
import { WORKER_HELLO, type ToWorker } from './worker-messages.js';

invariant(parentPort !== null, 'this file runs in a worker thread');
const port = parentPort;

function serve(config: ControlPlaneConfig, memory: SharedArrayBuffer): EngineServer {
  return new EngineServer(config, new LeaseCell(memory), {
    post: (report) => port.postMessage(report),
    // Dying is the report: the main thread takes the lease away and starts another worker.
    failed: (error) =>
      process.nextTick(() => {
        throw error;
      }),
  });
}

let server: EngineServer | undefined;
port.on('message', (message: ToWorker) => {
  if (message.type === 'configure') server ??= serve(message.config, message.memory);
  else server?.receive(message);
});
port.postMessage(WORKER_HELLO);
