/**
 * One real demo process, and what can be seen of it over HTTP. Whoever starts one ends it: `DemoCluster` does.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { linesOf } from './lines.js';
import { until } from './until.js';

const MAIN = join(__dirname, '../../apps/demo/dist/main.js');

export interface DemoStatus {
  readonly self: string;
  readonly state: 'green' | 'yellow' | 'red';
  readonly leader: { readonly node: string; readonly token: number } | null;
  readonly nodes: readonly { readonly name: string; readonly status: string; readonly incarnation: string }[];
}

export interface DemoEvent {
  readonly at: number;
  readonly type: string;
  readonly node: string | null;
  readonly reason?: string;
  readonly state?: string;
  readonly incarnation?: string;
  readonly token?: number;
}

export class DemoNode {
  readonly log: readonly string[];
  private port = 0;

  private constructor(
    readonly name: string,
    readonly process: ChildProcess,
  ) {
    this.log = linesOf(process);
  }

  /**
   * Starts a process; `env` is all it knows of the cluster. `main` may be another program than the demo, and `via` a command
   * that runs it in surroundings of its own.
   */
  static start(
    name: string,
    env: Readonly<Record<string, string>>,
    main = MAIN,
    via: readonly string[] = [],
  ): DemoNode {
    const [command, ...args] = [...via, process.execPath, main];
    const child = spawn(command ?? '', args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] ?? '', PORT: '0', DEMO_CHAOS: '1', CLUSTER_NODE_NAME: name, ...env },
    });
    const node = new DemoNode(name, child);
    child.on('message', (message) => {
      if (typeof message === 'object' && 'port' in message) node.port = Number(message.port);
    });
    return node;
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Resolves once it answers over HTTP. */
  async listening(): Promise<this> {
    await until(`${this.name} listens`, () => {
      if (!this.isRunning) throw new Error(`${this.name} ended:\n${this.log.join('\n')}`);
      return this.port > 0;
    });
    return this;
  }

  status(): Promise<DemoStatus> {
    return this.get('status');
  }

  events(): Promise<readonly DemoEvent[]> {
    return this.get('events');
  }

  runs(): Promise<readonly { readonly at: number; readonly token: number }[]> {
    return this.get('runs');
  }

  async block(ms: number): Promise<void> {
    await this.fetch(`/demo/block?ms=${ms}`, { method: 'POST' });
  }

  address(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.address(path), { ...init, signal: AbortSignal.timeout(15_000) });
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Ends the process and resolves when it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.signal(signal);
    // A stopped process hears nothing until it goes on.
    if (signal !== 'SIGKILL') this.signal('SIGCONT');
    await gone;
  }

  private async get<T>(what: string): Promise<T> {
    const response = await this.fetch(`/demo/${what}`);
    return (await response.json()) as T;
  }
}
