/**
 * One process of the demo on one host, from its start to its end.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, createWriteStream, openSync, writeSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import type { Recorder } from '../history/recorder.js';
import { now, within } from '../until.js';

const CLOCK = join(import.meta.dirname, '../../../lab/skewed-clock.cjs');
export const HTTP_PORT = 3000;
/** A shutdown waits for leader work, for 10 s; and a main thread may be blocked for as long. */
const ENDS_WITHIN_MS = 30_000;

export interface LifeStart {
  readonly id: string;
  readonly host: number;
  readonly name: string;
  readonly space: string;
  /** Where clients reach it. */
  readonly control: string;
  readonly env: Readonly<Record<string, string>>;
  /** The program. */
  readonly main: string;
  readonly folder: string;
}

export class Life {
  readonly id: string;
  readonly host: number;
  readonly name: string;
  readonly control: string;
  /** Connections to it; they go with it. */
  readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly ended: Promise<void>;
  isListening = false;
  /** Stopped or blocked on purpose. */
  isHalted = false;
  /** It was asked to end, and did not. */
  private isStuck = false;
  private endedHow: string | undefined;
  private endingSince: number | undefined;
  private stoppedAt: number | undefined;
  private offMs = 0;
  private readonly child: ChildProcess;
  private readonly clock: string;

  constructor(
    { id, host, name, space, control, env, main, folder }: LifeStart,
    private readonly recorder: Recorder,
  ) {
    this.id = id;
    this.host = host;
    this.name = name;
    this.control = control;
    this.clock = join(folder, `clock-${id}`);
    this.setClock(0);
    const log = createWriteStream(join(folder, `node-${id}.log`));
    this.child = spawn('ip', ['netns', 'exec', space, process.execPath, main], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_OPTIONS: `--require=${CLOCK}`,
        CHAOS_CLOCK: this.clock,
        PORT: String(HTTP_PORT),
        DEMO_CHAOS: '1',
        CLUSTER_NODE_NAME: name,
        ...env,
      },
    });
    this.child.stdout?.pipe(log);
    this.child.stderr?.pipe(log);
    recorder.add({ type: 'began', t: now(), life: id, host, name, pid: this.child.pid ?? 0 });
    this.child.on('message', () => (this.isListening = true));
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        this.endedHow = this.isStuck ? 'stuck' : (signal ?? `code ${code}`);
        const t1 = now();
        recorder.add({ type: 'ended', life: id, host, t0: this.endingSince ?? t1, t1, how: this.endedHow });
        this.agent.destroy();
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return this.endedHow === undefined;
  }

  /** It was told to end, or has ended. */
  get isEnding(): boolean {
    return this.endingSince !== undefined || !this.isRunning;
  }

  /** Resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return;
    this.endingSince ??= now();
    this.child.kill(signal);
    if (signal === 'SIGKILL') return this.ended;
    // A stopped process hears nothing until it goes on.
    this.resume();
    const isGone = await within(ENDS_WITHIN_MS, () => !this.isRunning);
    if (isGone !== undefined) return;
    this.isStuck = true;
    this.child.kill('SIGKILL');
    await this.ended;
  }

  stop(): void {
    if (!this.isRunning) return;
    this.stoppedAt = now();
    this.isHalted = true;
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    if (this.stoppedAt === undefined) return;
    this.child.kill('SIGCONT');
    this.recorder.add({
      type: 'halt',
      life: this.id,
      host: this.host,
      t0: this.stoppedAt,
      t1: now(),
      how: 'stopped',
    });
    this.stoppedAt = undefined;
    this.isHalted = false;
  }

  /** From now on its wall clock is off by so much, in all threads at once. */
  setClock(offMs: number): void {
    const file = openSync(this.clock, constants.O_WRONLY | constants.O_CREAT);
    writeSync(file, new Uint8Array(new Float64Array([offMs]).buffer));
    closeSync(file);
    if (offMs !== this.offMs) this.recorder.add({ type: 'clockStep', t: now(), host: this.host, offMs });
    this.offMs = offMs;
  }
}
