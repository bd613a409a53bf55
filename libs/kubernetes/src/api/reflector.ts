/**
 * Keeps a copy of a list of objects: reads it page by page, then watches what changes. D2: it never ends. A watch that
 * falls silent is given up and begun anew; a server that has forgotten our version (410) is asked for the whole list; after
 * any other failure the copy stays as it was, and the server is asked again later.
 */
import type { KubernetesApi } from './kubernetes-api.js';
import { errorOf, KubernetesApiError } from './api-error.js';
import { pause } from './pause.js';

/** As much of an object as is needed to keep it in a list. */
export interface ApiObject {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
}

export interface ReflectorTiming {
  /** Most objects in one page. */
  readonly pageSize: number;
  readonly requestTimeoutMs: number;
  /** How long the server may keep one watch, in seconds; it ends it then by itself. */
  readonly watchSeconds: number;
  /** How long a watch may be silent, in milliseconds. Servers send a bookmark about once a minute. */
  readonly silenceMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export const REFLECTOR_TIMING: ReflectorTiming = {
  pageSize: 500,
  requestTimeoutMs: 10_000,
  watchSeconds: 240,
  silenceMs: 100_000,
  retryMinMs: 500,
  retryMaxMs: 30_000,
};

export interface ReflectorTask<Kept> {
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly timing?: Partial<ReflectorTiming>;
  /** What is kept of an object. */
  read(object: ApiObject): Kept;
  /** The whole copy by name, after every change. */
  changed(kept: ReadonlyMap<string, Kept>): void;
  /** The server has agreed to a watch. */
  watched(): void;
  /** The copy may be old from now on, until the next `changed`. */
  failed(error: KubernetesApiError, during: 'list' | 'watch'): void;
}

/** Most pages of one list, and so most objects kept: 500 pages of 500. */
const PAGES_MAX = 500;
const GONE = 410;

export class Reflector<Kept> {
  private readonly timing: ReflectorTiming;
  private kept = new Map<string, Kept>();
  private version = '';
  private failures = 0;
  private fresh = false;

  constructor(
    private readonly api: KubernetesApi,
    private readonly task: ReflectorTask<Kept>,
  ) {
    this.timing = { ...REFLECTOR_TIMING, ...task.timing };
  }

  /** The copy follows the server, as far as is known. */
  get isFresh(): boolean {
    return this.fresh;
  }

  /** Resolves when the signal aborts; fails never. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (!this.fresh) await this.list(signal);
        while (!signal.aborted) await this.watch(signal);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = errorOf(thrown);
        const during = this.fresh ? 'watch' : 'list';
        this.fresh = false;
        if (error.status === GONE && this.failures === 0) {
          this.failures++;
          continue;
        }
        this.task.failed(error, during);
        await pause(this.waitMs(error), signal, this.api.surroundings);
      }
    }
  }

  /** Reads the list anew. */
  async list(signal: AbortSignal): Promise<void> {
    const { path, labelSelector, fieldSelector } = this.task;
    const { pageSize, requestTimeoutMs } = this.timing;
    const kept = new Map<string, Kept>();
    let next: string | undefined;
    let version = '';
    for (let page = 0; page < PAGES_MAX; page++) {
      const query = { labelSelector, fieldSelector, limit: String(pageSize), continue: next };
      const answer = await this.api.call({ method: 'GET', path, query, signal, timeoutMs: requestTimeoutMs });
      const list = readList(answer, path);
      for (const object of list.items) kept.set(nameOf(object), this.task.read(object));
      ({ version, next } = list);
      if (next === undefined) break;
    }
    this.kept = kept;
    this.version = version;
    this.fresh = true;
    this.task.changed(kept);
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { path, labelSelector, fieldSelector } = this.task;
    const { watchSeconds, silenceMs } = this.timing;
    const { surroundings } = this.api;
    const began = surroundings.clocks().mono;
    let events = 0;
    await this.api.stream({
      path,
      query: {
        labelSelector,
        fieldSelector,
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: this.version,
        timeoutSeconds: String(watchSeconds),
      },
      silenceMs,
      signal,
      opened: () => this.task.watched(),
      line: (text) => {
        events++;
        this.take(JSON.parse(text));
      },
    });
    // A server that accepts watches only to close them must not be asked in a tight loop.
    if (events === 0 && surroundings.clocks().mono - began < this.timing.retryMinMs) {
      this.failures++;
      await pause(this.waitMs(), signal, surroundings);
    } else this.failures = 0;
  }

  private take(event: unknown): void {
    const { type, object } = readEvent(event);
    if (type === 'ERROR') throw statusError(object, this.task.path);
    this.failures = 0;
    this.version = object.metadata?.resourceVersion ?? this.version;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.kept.delete(nameOf(object));
    else this.kept.set(nameOf(object), this.task.read(object));
    this.task.changed(this.kept);
  }

  private waitMs(error?: KubernetesApiError): number {
    const { retryMinMs, retryMaxMs } = this.timing;
    const backoff = Math.min(retryMinMs * 2 ** Math.min(this.failures++, 16), retryMaxMs);
    return Math.max(error?.retryAfterMs ?? 0, backoff * (0.5 + this.api.surroundings.random() / 2));
  }
}

function nameOf(object: ApiObject): string {
  return object.metadata?.name ?? '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readList(answer: unknown, path: string) {
  if (!isObject(answer) || !Array.isArray(answer['items']) || !isObject(answer['metadata'])) {
    throw new KubernetesApiError(`the Kubernetes API gave no list for ${path}`, 0);
  }
  const { resourceVersion, continue: next } = answer['metadata'];
  const items: readonly unknown[] = answer['items'];
  return {
    items: items.filter(isObject) as readonly ApiObject[],
    version: typeof resourceVersion === 'string' ? resourceVersion : '',
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function readEvent(event: unknown): { readonly type: string; readonly object: ApiObject } {
  if (!isObject(event) || !isObject(event['object'])) {
    throw new KubernetesApiError('the Kubernetes API sent an event that cannot be read', 0);
  }
  return { type: String(event['type']), object: event['object'] as ApiObject };
}

function statusError(status: object, path: string): KubernetesApiError {
  const { code, message } = status as { readonly code?: number; readonly message?: string };
  return new KubernetesApiError(`the Kubernetes API ended the watch of ${path}: ${message}`, code ?? 0);
}
