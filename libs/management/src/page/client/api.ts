/**
 * The calls of the node that served this page.
 */
import { untilReleased } from './pointer.js';
import type { Session } from './session.js';
import type { ClusterAnswer, Difference, Entry, KeyPage, NodeDetail } from './types.js';

/** How long an answer may take, in milliseconds. */
const ANSWER_MS = 10_000;

export class CallError extends Error {
  constructor(
    /** 0 when the node was not reached. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface WriteOptions {
  readonly ttl: string;
  readonly ack: string;
}

export class Api {
  /** Where the calls are: the page's own address without its last part. */
  private readonly base = location.pathname.replace(/\/ui\/?$/, '');

  constructor(private readonly session: Session) {}

  cluster = () => this.call<ClusterAnswer>('GET', '');
  node = (name: string) => this.call<NodeDetail>('GET', `/nodes/${encodeURIComponent(name)}`);
  recovery = (mode: string) => this.call<ClusterAnswer>('PUT', '', { recovery: mode });
  join = (name: string) => this.call('POST', `/nodes/${encodeURIComponent(name)}/join`);
  end = (name: string, mode: string) =>
    this.call('DELETE', `/nodes/${encodeURIComponent(name)}?mode=${mode}`);
  stepDown = () => this.call('DELETE', '/leader');
  entry = (key: string) => this.call<Entry>('GET', keyPath(key));
  remove = (key: string) => this.call('DELETE', keyPath(key));
  purge = () => this.call<{ readonly deleted: number }>('DELETE', '/keys?all=true');
  difference = (id: string) => this.call<Difference>('GET', `/partitions/${encodeURIComponent(id)}/diff`);
  resolve = (id: string, choice: object) =>
    this.call('POST', `/partitions/${encodeURIComponent(id)}/resolve`, choice);

  keys(prefix: string, cursor: string | null): Promise<KeyPage> {
    const query = new URLSearchParams({ prefix, limit: '100', ...(cursor !== null && { cursor }) });
    return this.call('GET', `/keys?${query}`);
  }

  write(key: string, value: unknown, { ttl, ack }: WriteOptions): Promise<Entry> {
    const query = new URLSearchParams({ ack, ...(ttl !== '' && { ttl }) });
    return this.call('PUT', `${keyPath(key)}?${query}`, value);
  }

  /** The events, from the one after `lastId` on. */
  async events(lastId: string | undefined): Promise<ReadableStream<Uint8Array>> {
    const headers = { ...this.headers(), ...(lastId !== undefined && { 'Last-Event-ID': lastId }) };
    const response = await fetch(`${this.base}/events`, { headers, cache: 'no-store' });
    if (!response.ok || response.body === null) throw await errorOf(response);
    return response.body;
  }

  private async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const hasBody = body !== undefined;
    const headers = { ...this.headers(), ...(hasBody && { 'Content-Type': 'application/json' }) };
    const request: RequestInit = {
      method,
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS),
    };
    let response: Response;
    try {
      response = await fetch(
        this.base + path,
        hasBody ? { ...request, body: JSON.stringify(body) } : request,
      );
    } catch {
      throw new CallError(0, 'the node cannot be reached');
    }
    if (!response.ok) throw await errorOf(response);
    const answer: Answer = await response.json();
    await untilReleased();
    return answer;
  }

  private headers(): Record<string, string> {
    const { token } = this.session;
    return token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }
}

function keyPath(key: string): string {
  // Browsers take these for parts of the path, however they are written.
  if (key === '.' || key === '..')
    throw new CallError(400, `a browser cannot name the key ${key}; use another client`);
  return `/keys/${encodeURIComponent(key)}`;
}

async function errorOf(response: Response): Promise<CallError> {
  const body: unknown = await response.json().catch(() => null);
  const message: unknown =
    typeof body === 'object' && body !== null ? Reflect.get(body, 'message') : undefined;
  return new CallError(response.status, typeof message === 'string' ? message : response.statusText);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
