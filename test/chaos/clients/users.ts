/**
 * Clients of the store: each does one thing after another, on whichever node its chance picks. Values are unlike each other, so
 * that what is read tells who wrote it.
 */
import type { Recorder } from '../history/recorder.js';
import type { Ack, Operation, Outcome } from '../history/records.js';
import type { ChaosCluster } from '../lab/cluster.js';
import type { Life } from '../lab/life.js';
import type { Random } from '../random.js';
import { hold } from '../until.js';
import { call, textOf, type Answer } from './http.js';

export const KEYS = 'c:';
/** Keys that are written, deleted and written again all the time. */
const CONTENDED = 6;
/** Of all keys, how many a client still goes back to. */
const RECENT = 40;
/** Longer than a write waits for its confirmations. */
const PATIENCE_MS = 12_000;
const NOTHING_WAS_DONE = new Set([
  'ECONNREFUSED',
  'CLUSTER_STORE_NOT_READY',
  'CLUSTER_MINORITY',
  'CLUSTER_NOT_STARTED',
  'CLUSTER_STORE_BUSY',
  'NOT_FOUND',
]);

export class Users {
  private isOver = false;
  private isPausing = false;
  private busy = 0;
  private readonly recent: string[] = [];
  private keys = 0;

  constructor(
    private readonly cluster: ChaosCluster,
    private readonly recorder: Recorder,
  ) {}

  /** Runs until `end`. */
  async run(client: string, random: Random, everyMs: number): Promise<void> {
    while (!this.isOver) {
      await hold(random.between(0, 2 * everyMs));
      const life = this.anybody(random);
      if (this.isPausing || this.isOver || life === undefined) continue;
      this.busy += 1;
      await this.act(client, life, random);
      this.busy -= 1;
    }
  }

  end(): void {
    this.isOver = true;
  }

  /** Nothing new is begun; resolves through `isQuiet`. */
  pause(): void {
    this.isPausing = true;
  }

  goOn(): void {
    this.isPausing = false;
  }

  get isQuiet(): boolean {
    return this.busy === 0;
  }

  write(client: string, life: Life, key: string, ack: Ack): Promise<Operation> {
    return this.operate(client, life, 'write', key, ack);
  }

  delete(client: string, life: Life, key: string, ack: Ack): Promise<Operation> {
    return this.operate(client, life, 'delete', key, ack);
  }

  read(client: string, life: Life, key: string): Promise<Operation> {
    return this.operate(client, life, 'read', key, null);
  }

  private async act(client: string, life: Life, random: Random): Promise<void> {
    const ack = random.chance(0.2) ? 'local' : 'quorum';
    const draw = random.next();
    if (draw < 0.25) {
      // Written once: what is lost is not hidden by what comes after it.
      await this.write(client, life, this.freshKey(), ack);
      return;
    }
    const contended = `${KEYS}hot-${random.below(CONTENDED)}`;
    const key = random.chance(0.5) && this.recent.length > 0 ? random.pick(this.recent) : contended;
    if (draw < 0.5) await this.write(client, life, contended, ack);
    else if (draw < 0.55) await this.write(client, life, key, ack);
    else if (draw < 0.68) await this.delete(client, life, key, ack);
    else await this.read(client, life, key);
  }

  private freshKey(): string {
    const key = `${KEYS}once-${++this.keys}`;
    this.recent.push(key);
    if (this.recent.length > RECENT) this.recent.shift();
    return key;
  }

  private anybody(random: Random): Life | undefined {
    const there = this.cluster.running().filter(({ isListening, isHalted }) => isListening && !isHalted);
    return there.length > 0 ? random.pick(there) : undefined;
  }

  private async operate(
    client: string,
    life: Life,
    kind: Operation['kind'],
    key: string,
    ack: Ack | null,
  ): Promise<Operation> {
    const { recorder } = this;
    const id = recorder.nextOperation();
    const path = `/cluster/keys/${encodeURIComponent(key)}${ack === null ? '' : `?ack=${ack}`}`;
    const written = kind === 'write' ? `v${id}` : undefined;
    const method = { write: 'PUT', delete: 'DELETE', read: 'GET' } as const;
    const answer = await call(life, path, { method: method[kind], body: written, timeoutMs: PATIENCE_MS });
    const { t0, t1, status, code } = answer;
    const operation: Operation = {
      type: 'operation',
      id,
      client,
      life: life.id,
      host: life.host,
      kind,
      key,
      value: written ?? (kind === 'read' && status === 200 ? textOf(answer.body, 'value') : null),
      ack,
      t0,
      t1,
      outcome: kind === 'read' ? outcomeOfRead(answer) : outcomeOf(answer),
      code: code || String(status),
    };
    recorder.add(operation);
    return operation;
  }
}

function outcomeOf({ status, code }: Answer): Outcome {
  if (status === 200) return 'ok';
  if (code === 'CLUSTER_QUORUM_UNAVAILABLE') return 'applied';
  return NOTHING_WAS_DONE.has(code) ? 'failed' : 'open';
}

function outcomeOfRead({ status, code }: Answer): Outcome {
  return status === 200 || code === 'NOT_FOUND' ? 'ok' : 'failed';
}
