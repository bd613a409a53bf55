/**
 * Where an engine runs: on the main thread, or in a worker. Either way it is spoken to by messages, and may die.
 */
import { Worker } from 'node:worker_threads';
import { ClusterError } from '@nest-cluster/protocol';
import type { ControlPlaneConfig } from './config.js';
import type { Command, Report } from './engine-messages.js';
import { EngineServer } from './engine-server.js';
import type { LeaseCell } from './lease-cell.js';
// oxlint-disable-next-line import/default -- what a CommonJS file exports is its default export
import workerFile from './worker-location.cjs';

export interface EngineHost {
  post(command: Command): void;
  /** Nothing of the engine is left when this resolves. */
  end(): Promise<void>;
}

export interface EngineHostOwner {
  report(report: Report): void;
  /** The engine is gone. Told at most once, and not after `end`. */
  died(cause: Error): void;
}

export type OpenEngineHost = (
  config: ControlPlaneConfig,
  cell: LeaseCell,
  owner: EngineHostOwner,
) => EngineHost;

export const openInlineHost: OpenEngineHost = (config, cell, owner) => {
  const server = new EngineServer(config, cell, {
    post: (report) => owner.report(report),
    failed: (error) => owner.died(error),
  });
  return { post: (command) => server.receive(command), end: () => server.close() };
};

/** What a worker is started with. */
export interface WorkerStart {
  readonly config: ControlPlaneConfig;
  readonly memory: SharedArrayBuffer;
}

export const openWorkerHost: OpenEngineHost = (config, cell, owner) => {
  const file = workerFile();
  if (file === undefined) {
    throw new ClusterError(
      'CLUSTER_OPTIONS_INVALID',
      "the file of the worker thread is not there, as in a bundle; set thread: 'main'",
    );
  }
  const start: WorkerStart = { config, memory: cell.memory };
  // Preloaded scripts and the like were meant for the application, not for this thread.
  const worker = new Worker(file, { workerData: start, name: 'cluster', execArgv: [] });
  let isGone = false;
  const gone = (cause: Error) => {
    if (isGone) return;
    isGone = true;
    owner.died(cause);
  };
  worker.on('message', (report: Report) => owner.report(report));
  worker.on('error', gone);
  worker.on('messageerror', gone);
  worker.on('exit', (code) => gone(new Error(`the cluster's worker thread ended with exit code ${code}`)));
  return {
    post: (command) => worker.postMessage(command),
    end: async () => {
      isGone = true;
      await worker.terminate();
    },
  };
};
