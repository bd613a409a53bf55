/**
 * A control plane in a process of its own, as the parent sees it. Whoever starts one ends it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(__dirname, 'plane-process.mjs');
const ENGINE = join(__dirname, '../../libs/core/dist/engine/index.js');

export interface Told {
  readonly at: number;
  readonly event?: {
    readonly type: string;
    readonly token?: number;
    readonly reason?: string;
    readonly node?: { readonly name: string; readonly incarnation: string };
    readonly member?: { readonly node: { readonly name: string }; readonly status: string };
  };
  readonly restarted?: { readonly self: { readonly incarnation: string }; readonly cause: string };
}

export class PlaneNode {
  readonly told: Told[] = [];
  /** Where it is found; empty until it has started. */
  address = '';
  incarnation = '';
  readonly ended: Promise<number | NodeJS.Signals | null>;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<
    number,
    (message: { result?: unknown; error?: { message: string } }) => void
  >();
  private lastId = 0;

  constructor(readonly name: string) {
    this.child = fork(PROGRAM, [ENGINE], { silent: false });
    this.ended = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal)));
    this.child.on('message', (message: Told & { id?: number; result?: unknown }) => {
      if (message.id === undefined) this.told.push(message);
      else this.waiting.get(message.id)?.(message);
    });
  }

  async start(config: object): Promise<this> {
    const self = await this.ask<{ address: string; incarnation: string }>('start', {
      name: this.name,
      ...config,
    });
    this.address = self.address;
    this.incarnation = self.incarnation;
    return this;
  }

  ask<T>(act: string, argument?: unknown): Promise<T> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        this.waiting.delete(id);
        if (error) reject(new Error(error.message));
        // What an act answers is known to whoever asks for it.
        else resolve(result as T);
      });
      this.child.send({ id, act, argument });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** What was told of other nodes, in short. */
  lives(type: 'nodeUp' | 'nodeDown', name: string): Told[] {
    return this.told.filter(({ event }) => event?.type === type && event.node?.name === name);
  }

  async end(): Promise<void> {
    this.child.kill('SIGCONT');
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
