/**
 * The engine in a worker thread. A thread starts with nothing; once it has said that it is ours, it gets the configuration,
 * and what was posted to it meanwhile.
 *
 *   state      hello      time is up, error, exit   end
 *   starting   running    gone                      gone
 *   running               gone                      gone
 *   gone
 */
import { Worker } from 'node:worker_threads';
import { ClusterError } from '@nest-cluster/protocol';
import type { Command } from './engine-messages.js';
import type { EngineHost, EngineHostOwner, OpenEngineHost } from './engine-host.js';
import { onlyPnp, withoutPreloads } from './node-options.js';
// oxlint-disable-next-line import/default -- what a CommonJS file exports is its default export
import workerFile from './worker-location.cjs';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** Time for a thread to load its file, in milliseconds. */
const HELLO_MS = 20_000;

type State =
  | { readonly type: 'starting'; readonly waiting: Command[]; readonly timer: NodeJS.Timeout }
  | { readonly type: 'running' }
  | { readonly type: 'gone' };

export const openWorkerHost: OpenEngineHost = (config, cell, owner) => {
  const file = workerFile();
  if (file === undefined)
    throw new ClusterError(
      'CLUSTER_OPTIONS_INVALID',
      `the file of the cluster's worker thread is not there, as in a bundle; put ${FILE} beside the bundle, or set thread: 'main'`,
    );
  return new WorkerHost(file, { type: 'configure', config, memory: cell.memory }, owner);
};

export const FILE = '@nest-cluster/core/worker (as nest-cluster-worker.js)';

export class WorkerHost implements EngineHost {
  private readonly worker: Worker;
  private state: State;

  constructor(
    private readonly file: string,
    private readonly configuration: ToWorker,
    private readonly owner: EngineHostOwner,
    helloMs = HELLO_MS,
  ) {
    this.worker = startThread(file);
    const timer = setTimeout(() => this.gone(this.silent(helloMs)), helloMs);
    this.state = { type: 'starting', waiting: [], timer };
    this.worker.on('message', (message: FromWorker) => this.receive(message));
    this.worker.on('error', (cause) => this.gone(inThread(cause)));
    this.worker.on('messageerror', (cause) => this.gone(cause));
    this.worker.on('exit', (code) =>
      this.gone(new Error(`the cluster's worker thread ended with exit code ${code}`)),
    );
  }

  post(command: Command): void {
    if (this.state.type === 'starting') this.state.waiting.push(command);
    else if (this.state.type === 'running') this.worker.postMessage(command);
  }

  async end(): Promise<void> {
    this.leave();
    await this.worker.terminate();
  }

  private receive(message: FromWorker): void {
    if (this.state.type === 'running' && message.type !== 'hello') this.owner.report(message);
    if (this.state.type !== 'starting' || !isHello(message)) return;
    const { waiting, timer } = this.state;
    clearTimeout(timer);
    this.state = { type: 'running' };
    this.worker.postMessage(this.configuration);
    for (const command of waiting) this.worker.postMessage(command);
  }

  private gone(cause: Error): void {
    if (this.state.type === 'gone') return;
    this.leave();
    this.owner.died(cause);
  }

  private leave(): void {
    if (this.state.type === 'starting') clearTimeout(this.state.timer);
    this.state = { type: 'gone' };
  }

  private silent(helloMs: number): ClusterError {
    return new ClusterError(
      'CLUSTER_OPTIONS_INVALID',
      `${this.file} did not start as the cluster's worker thread in ${helloMs} ms; if this is a file of the application, rename it, or set thread: 'main'`,
    );
  }
}

function startThread(file: string): Worker {
  const { NODE_OPTIONS: given = '', ...rest } = process.env;
  const start = (nodeOptions: string): Worker =>
    new Worker(file, { name: 'cluster', execArgv: [], env: { ...rest, NODE_OPTIONS: nodeOptions } });
  try {
    return start(withoutPreloads(given));
  } catch {
    // Some options are those of a process, and refused for a thread.
    return start(onlyPnp(given));
  }
}

function isHello(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'from' in message &&
    message.from === '@nest-cluster/core'
  );
}

/** Where it happened is not to be seen from a stack. */
function inThread(cause: Error): Error {
  return new Error(`the cluster's worker thread failed: ${cause.message}`, { cause });
}
