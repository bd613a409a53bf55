/**
 * A Kubernetes API server for tests: HTTPS on loopback, tokens that are checked and rotated, lists in pages, watches with
 * bookmarks, and faults on demand. Knows leases, pods and endpoint slices. No security, no durability.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { loopbackCertificate } from './certificate.js';
import { ObjectStore, Refusal, type StoredObject, type StoreEvent } from './object-store.js';
import { hasFields, hasLabels } from './selectors.js';
import { REAL_CLOCK, type ServerClock } from './server-clock.js';

/** What happens to a request in place of, or before, its answer. */
export interface Fault {
  /** HTTP status; left out: see `hang` and `drop`. */
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  /** The request is taken and never answered. */
  readonly hang?: boolean;
  /** The request is carried out, and its answer lost with the connection. */
  readonly drop?: boolean;
  /** How long it takes until the request is looked at, in milliseconds. Default 0. */
  readonly delayMs?: number;
  /** How long the answer then takes, in milliseconds. Default 0. */
  readonly lateMs?: number;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
}

const COLLECTION =
  /^(\/apis\/coordination\.k8s\.io\/v1\/namespaces\/[^/]+\/leases|\/api\/v1\/namespaces\/[^/]+\/pods|\/apis\/discovery\.k8s\.io\/v1\/namespaces\/[^/]+\/endpointslices)(?:\/([^/]+))?$/;

export class FakeKubernetes {
  readonly store: ObjectStore;
  readonly certificate = loopbackCertificate();
  /** Every request that arrived, newest last; at most 10,000. */
  readonly requests: ApiRequest[] = [];
  /** Milliseconds between two bookmarks. */
  bookmarkMs = 1_000;
  /** Watches stay open, and nothing comes any more. */
  isSilent = false;
  /** Says which requests fail, and how; undefined leaves one alone. */
  fault: (request: ApiRequest) => Fault | undefined = () => undefined;
  private readonly tokens = new Set<string>();
  private readonly watches = new Set<ServerResponse>();
  private readonly sockets = new Set<Socket>();
  private readonly waits = new Set<() => void>();
  private server: Server | undefined;
  private port = 0;

  /** @param clock all times of the server go by it; default the machine's */
  constructor(private readonly clock: ServerClock = REAL_CLOCK) {
    this.store = new ObjectStore(clock.now);
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get watchCount(): number {
    return this.watches.size;
  }

  /** Listens, on the same port as before when it listened already. */
  async listen(): Promise<void> {
    const server = createServer(this.certificate, (request, response) => void this.serve(request, response));
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
    this.server = server;
  }

  /** Nobody is served any more; connections are cut. What is stored stays. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const callOff of this.waits) callOff();
    this.waits.clear();
    if (!server) return;
    await new Promise((resolve) => {
      server.close(resolve);
      // Also those that are still in their TLS handshake, which the server does not count as its own yet.
      for (const socket of this.sockets) socket.destroy();
    });
  }

  /** A token that is accepted from now on. */
  issueToken(): string {
    const token = randomBytes(16).toString('hex');
    this.tokens.add(token);
    return token;
  }

  /** Tokens issued so far are refused from now on. */
  revokeTokens(): void {
    this.tokens.clear();
  }

  /** Ends all watches, as a server does that restarts. */
  endWatches(): void {
    for (const response of this.watches) response.end();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const seen: ApiRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      isWatch: url.searchParams.get('watch') === 'true',
    };
    this.requests.push(seen);
    if (this.requests.length > 10_000) this.requests.shift();
    try {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const fault = this.fault(seen);
      if (fault?.hang) return;
      await this.wait(fault?.delayMs);
      if (fault?.status) {
        throw new Refusal(
          fault.status,
          'Fault',
          `refused with ${fault.status} by the test`,
          fault.retryAfterSeconds,
        );
      }
      const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
      if (!this.tokens.has(token)) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
      const answer = this.answer(seen, text, response);
      await this.wait(fault?.lateMs);
      if (fault?.drop) response.destroy();
      else if (answer !== undefined) send(response, seen.method === 'POST' ? 201 : 200, answer);
    } catch (thrown) {
      refuse(
        response,
        thrown instanceof Refusal ? thrown : new Refusal(500, 'InternalError', String(thrown)),
      );
    }
  }

  private async wait(ms = 0): Promise<void> {
    if (ms === 0) return;
    await new Promise<void>((resolve) => {
      const callOff = this.clock.after(ms, () => {
        this.waits.delete(callOff);
        resolve();
      });
      this.waits.add(callOff);
    });
  }

  private answer(
    { method, path, query, isWatch }: ApiRequest,
    text: string,
    response: ServerResponse,
  ): unknown {
    const [, collection, name] = COLLECTION.exec(path) ?? [];
    if (collection === undefined)
      throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
    const body = (): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        throw new Refusal(400, 'BadRequest', 'the body is not JSON');
      }
    };
    if (name === undefined) {
      if (method === 'POST') return this.store.create(collection, body());
      if (method === 'GET')
        return isWatch ? this.watch(collection, query, response) : this.list(collection, query);
    } else {
      if (method === 'GET') return this.store.get(collection, name);
      if (method === 'PUT') return this.store.replace(collection, name, body());
      if (method === 'DELETE') return this.store.remove(collection, name);
    }
    throw new Refusal(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    );
  }

  private list(collection: string, query: URLSearchParams): object {
    const limit = Number(query.get('limit') ?? 0) || Infinity;
    const [version = this.store.version, offset = 0] = (query.get('continue') ?? '')
      .split(':')
      .filter(Boolean)
      .map(Number);
    if (this.store.isForgotten(version)) {
      throw new Refusal(410, 'Expired', 'The provided continue parameter is too old');
    }
    const all = this.store.list(collection).filter((object) => isSelected(object, query));
    const items = all.slice(offset, offset + limit);
    const isLast = offset + items.length >= all.length;
    const next = isLast
      ? {}
      : {
          continue: `${version}:${offset + items.length}`,
          remainingItemCount: all.length - offset - items.length,
        };
    return { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: String(version), ...next }, items };
  }

  private watch(collection: string, query: URLSearchParams, response: ServerResponse): undefined {
    const write = (type: string, object: unknown): void => {
      if (!this.isSilent && !response.writableEnded) response.write(`${JSON.stringify({ type, object })}\n`);
    };
    const told = ({ type, object, collection: where }: StoreEvent): void => {
      if (where === collection && isSelected(object, query)) write(type, object);
    };
    const version = query.get('resourceVersion');
    let stop = (): unknown => undefined;
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    try {
      stop = this.store.watch(version ? Number(version) : this.store.version, told);
    } catch (thrown) {
      // The server has agreed to the watch before it finds out.
      if (!(thrown instanceof Refusal)) throw thrown;
      write('ERROR', statusOf(thrown));
      response.end();
      return;
    }
    let callOff = (): void => undefined;
    const bookmark = (): void => {
      callOff = this.clock.after(this.bookmarkMs, bookmark);
      if (query.get('allowWatchBookmarks') !== 'true') return;
      write('BOOKMARK', { metadata: { resourceVersion: String(this.store.version) } });
    };
    callOff = this.clock.after(this.bookmarkMs, bookmark);
    const seconds = Number(query.get('timeoutSeconds') ?? 1_800);
    const callOffEnd = this.clock.after(seconds * 1000, () => response.end());
    this.watches.add(response);
    response.once('close', () => {
      this.watches.delete(response);
      callOff();
      callOffEnd();
      stop();
    });
  }
}

function isSelected(object: StoredObject, query: URLSearchParams): boolean {
  const { name, namespace, labels = {} } = object.metadata;
  const fields = { 'metadata.name': name, 'metadata.namespace': namespace };
  return hasFields(fields, query.get('fieldSelector')) && hasLabels(labels, query.get('labelSelector'));
}

function statusOf({ code, reason, message }: Refusal): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  const wait = refusal.retryAfterSeconds;
  if (wait !== undefined) response.setHeader('retry-after', String(wait));
  send(response, refusal.code, statusOf(refusal));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
