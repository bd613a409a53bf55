/**
 * Requests to the API server, each with a deadline. The client library says where and with which proof; the requests are
 * made here, because a lease needs to know when a request left, and a watch must be given up when it falls silent. Every
 * request dials anew: a connection that died without a word is never waited for.
 */
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls, type RequestOptions } from 'node:https';
import { withAnySignal } from './any-signal.js';
import { KubernetesApiError, refusalError, silenceError } from './api-error.js';
import { CurrentConfig } from './current-config.js';
import type { LoadKubeConfig } from './kube-access.js';
import { readLines } from './line-reader.js';
import { SURROUNDINGS, type Surroundings } from './surroundings.js';
import { VERSION } from './version.js';

/** Longest answer that is read, in bytes: a page of 500 pods of 30 KiB each. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const UNAUTHORIZED = 401;
/** Audit logs and the managed fields of objects name it. */
const USER_AGENT = `nest-cluster/${VERSION}`;

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ApiStream {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** How long the server may say nothing before the stream is given up, in milliseconds. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  /** The server has agreed. */
  readonly opened: () => void;
  readonly line: (text: string) => void;
}

export class KubernetesApi {
  private readonly config: CurrentConfig;

  constructor(
    load: LoadKubeConfig,
    readonly surroundings: Surroundings = SURROUNDINGS,
  ) {
    this.config = new CurrentConfig(load, surroundings);
  }

  /** The namespace that the configuration names: the pod's own, or that of the kubeconfig's context. */
  async namespace(): Promise<string | undefined> {
    const config = await this.config.get();
    return config.getContextObject(config.getCurrentContext())?.namespace;
  }

  /** Resolves with the answer's JSON; rejects with `KubernetesApiError`. */
  async call(call: ApiCall): Promise<unknown> {
    const text = await this.open(call, async (response, { path }) => {
      let size = 0;
      const chunks: Buffer[] = [];
      for await (const chunk of response) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > BODY_BYTES_MAX)
          throw new Error(`the answer to ${path} is longer than ${BODY_BYTES_MAX} bytes`);
        chunks.push(bytes);
      }
      return Buffer.concat(chunks).toString('utf8');
    });
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw silenceError(call.method, call.path, new Error('the answer is not JSON', { cause }));
    }
  }

  /** Resolves when the server ends the stream; rejects with `KubernetesApiError` when it breaks or falls silent. */
  async stream({ path, query, silenceMs, signal, opened, line }: ApiStream): Promise<void> {
    const silence = new AbortController();
    const giveUp = (): void => silence.abort(new Error(`nothing came for ${silenceMs} ms`));
    let callOff = this.surroundings.after(silenceMs, giveUp);
    try {
      await withAnySignal([signal, silence.signal], (both) =>
        this.open({ method: 'GET', path, query, timeoutMs: silenceMs, signal: both }, (response) => {
          response.socket.setKeepAlive(true, 30_000);
          opened();
          return readLines(response, (text) => {
            callOff();
            callOff = this.surroundings.after(silenceMs, giveUp);
            line(text);
          });
        }),
      );
    } finally {
      callOff();
    }
  }

  /** One request; after a 401 once more with credentials read anew, since tokens of service accounts are rotated. */
  private async open<T>(
    call: ApiCall,
    read: (response: IncomingMessage, call: ApiCall) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.attempt(call, read);
    } catch (error) {
      if (!(error instanceof KubernetesApiError) || error.status !== UNAUTHORIZED) throw error;
      this.config.refused();
      return await this.attempt(call, read);
    }
  }

  private async attempt<T>(
    call: ApiCall,
    read: (response: IncomingMessage, call: ApiCall) => Promise<T>,
  ): Promise<T> {
    const timeout = new AbortController();
    const giveUp = (): void => timeout.abort(new Error(`no answer within ${call.timeoutMs} ms`));
    const callOff = this.surroundings.after(call.timeoutMs, giveUp);
    const signals = call.signal ? [call.signal, timeout.signal] : [timeout.signal];
    try {
      return await withAnySignal(signals, (signal) => this.exchange(call, signal, callOff, read));
    } finally {
      callOff();
    }
  }

  private async exchange<T>(
    call: ApiCall,
    signal: AbortSignal,
    callOff: () => void,
    read: (response: IncomingMessage, call: ApiCall) => Promise<T>,
  ): Promise<T> {
    const { method, path } = call;
    try {
      const response = await orAborted(this.send(call, signal), signal);
      const { statusCode = 0, headers } = response;
      if (statusCode >= 200 && statusCode < 300) {
        // From the first byte on, a stream is watched by its own watchdog.
        if (call.query?.['watch'] !== undefined) callOff();
        return await read(response, call);
      }
      const body = await bodyStart(response);
      throw refusalError({ status: statusCode, method, path, body, retryAfter: headers['retry-after'] });
    } catch (error) {
      if (error instanceof KubernetesApiError) throw error;
      if (!call.signal?.aborted) this.config.unanswered();
      throw silenceError(method, path, signal.aborted ? signal.reason : error);
    }
  }

  private async send({ method, path, query, body }: ApiCall, signal: AbortSignal): Promise<IncomingMessage> {
    const config = await this.config.get();
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('the kubeconfig names no cluster');
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      Accept: 'application/json',
      'User-Agent': USER_AGENT,
      ...(text !== undefined && { 'Content-Type': 'application/json' }),
    };
    const options: RequestOptions = { method, headers, signal };
    await config.applyToHTTPSOptions(options);
    signal.throwIfAborted();
    const url = new URL(server.replace(/\/$/, '') + path);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const send = url.protocol === 'http:' ? requestPlain : requestTls;
      send(url, options, resolve).on('error', reject).end(text);
    });
  }
}

/** Credentials may be the work of a program that hangs; no request waits for them longer than for its answer. */
function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The first part of an error's text; the rest is thrown away with its connection. */
async function bodyStart(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > 10_000) break;
  }
  return text;
}
