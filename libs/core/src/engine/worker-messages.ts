/**
 * What the main thread and the worker thread say to each other before the engine runs.
 */
import type { ControlPlaneConfig } from './config.js';
import type { Command, Report } from './engine-messages.js';

/** The first message of a worker thread. A file of somebody else with the same name does not send it. */
export const WORKER_HELLO = { type: 'hello', from: '@nest-cluster/core' } as const;

export type FromWorker = typeof WORKER_HELLO | Report;

export type ToWorker =
  | { readonly type: 'configure'; readonly config: ControlPlaneConfig; readonly memory: SharedArrayBuffer }
  | Command;
