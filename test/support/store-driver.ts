/**
 * A process that runs `store-node.mjs`, as the test that drives it sees it. Whoever starts it ends it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { until } from './until.js';

export const STORE_NODE = join(__dirname, 'store-node.mjs');

export interface StoreState {
  readonly self: string;
  readonly incarnation: string;
  readonly state: 'green' | 'yellow' | 'red';
  readonly ready: boolean;
  readonly size: number;
  readonly replicas: { readonly all: number; readonly inSync: number };
  readonly conflicts: number;
}

export interface StoreContent {
  readonly size: number;
  readonly hash: string;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly acked?: string;
}

export class StoreDriver {
  /** Keys of writes that were acknowledged. */
  readonly acked: string[] = [];
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private lastId = 0;

  constructor(readonly process: ChildProcess) {
    process.once('exit', () => {
      const error = { code: 'ENDED', message: 'the process has ended' };
      for (const answer of this.waiting.values()) answer({ error });
    });
    process.on('message', (message: Answer) => {
      if (message.acked !== undefined) this.acked.push(message.acked);
      if (message.id !== undefined) this.waiting.get(message.id)?.(message);
    });
  }

  static start(name: string, env: Readonly<Record<string, string>>): StoreDriver {
    const child = fork(STORE_NODE, [], {
      silent: true,
      env: { PATH: process.env['PATH'] ?? '', CLUSTER_NODE_NAME: name, ...env },
    });
    return new StoreDriver(child);
  }

  ask<Result = unknown>(act: string, ...args: readonly unknown[]): Promise<Result> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        this.waiting.delete(id);
        if (error) reject(Object.assign(new Error(error.message), { code: error.code }));
        // What an act answers is known to whoever asks for it.
        else resolve(result as Result);
      });
      this.process.send({ id, act, args });
    });
  }

  state(): Promise<StoreState> {
    return this.ask('state');
  }

  content(): Promise<StoreContent> {
    return this.ask('content');
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.signal('SIGCONT');
    this.signal('SIGKILL');
    await gone;
  }
}

/** Resolves once all of them are green and have the store. */
export async function green(nodes: readonly StoreDriver[]): Promise<void> {
  await until('all are green and have the store', async () => {
    const states = await Promise.all(nodes.map((node) => node.state()));
    return states.every(({ state, ready }) => state === 'green' && ready);
  });
}

/** Resolves with what all of them hold, once it is the same. */
export async function sameContent(nodes: readonly StoreDriver[]): Promise<StoreContent> {
  return until('all hold the same entries', async () => {
    const [first, ...rest] = await Promise.all(nodes.map((node) => node.content()));
    return rest.every(({ hash }) => hash === first?.hash) && first;
  });
}
