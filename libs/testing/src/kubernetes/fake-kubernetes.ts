/**
 * A Kubernetes API server for tests: HTTPS on loopback, tokens that are checked and rotated, rights, namespaces, lists in
 * pages, watches with bookmarks, and faults on demand. Knows leases, pods and endpoint slices. No security, no durability.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { loopbackCertificate } from './certificate.js';
import { ObjectStore } from './object-store.js';
import { Refusal, statusOf } from './refusal.js';
import { Resources, type Answer } from './resources.js';
import { Rights } from './rights.js';
import { REAL_CLOCK, type ServerClock } from './server-clock.js';
import { Watches } from './watches.js';

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
  /** What the client says it is. */
  readonly userAgent: string | undefined;
}

export class FakeKubernetes {
  readonly store: ObjectStore;
  /** What a Role allows, and what of it was needed. Everything is allowed until it has `rules`. */
  readonly rights = new Rights();
  readonly certificate = loopbackCertificate();
  /** Every request that arrived, newest last; at most 10,000. */
  readonly requests: ApiRequest[] = [];
  /** Milliseconds between two bookmarks; on a real server it is a minute. */
  bookmarkMs = 1_000;
  /** Watches stay open, and nothing comes any more. */
  isSilent = false;
  /** The namespaces that exist; undefined: all do. */
  namespaces: ReadonlySet<string> | undefined;
  /** Says which requests fail, and how; undefined leaves one alone. */
  fault: (request: ApiRequest) => Fault | undefined = () => undefined;
  private readonly tokens = new Set<string>();
  private readonly watches: Watches;
  private readonly resources: Resources;
  private readonly sockets = new Set<Socket>();
  private readonly waits = new Set<() => void>();
  private server: Server | undefined;
  private port = 0;

  /** @param clock all times of the server go by it; default the machine's */
  constructor(private readonly clock: ServerClock = REAL_CLOCK) {
    this.store = new ObjectStore(clock.now);
    this.watches = new Watches(this.store, clock, this);
    this.resources = new Resources(this.store, this.watches, this.rights);
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get watchCount(): number {
    return this.watches.count;
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
    this.watches.endAll();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const seen: ApiRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      isWatch: url.searchParams.get('watch') === 'true',
      userAgent: request.headers['user-agent'],
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
      const answer = this.resources.answer({ ...seen, text, namespaces: this.namespaces }, response);
      await this.wait(fault?.lateMs);
      if (fault?.drop) response.destroy();
      else if (answer !== undefined) send(response, answer);
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
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  const wait = refusal.retryAfterSeconds;
  if (wait !== undefined) response.setHeader('retry-after', String(wait));
  send(response, { status: refusal.code, body: statusOf(refusal) });
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
