/**
 * Meets every management call before the application does: sets its body aside, and refuses what no handler would see. Other
 * routes are left alone.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { answer, type HttpResponse } from './http.js';
import { badRequest, methodNotAllowed, problemOf, INTERNAL, type Problem } from './problem.js';
import { setBodyAside } from './set-aside.js';

type Next = () => void;

/** What is used of Fastify. */
interface FastifyLike {
  addHook(name: 'onRoute', hook: (route: { url: string }) => void): void;
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: HttpResponse, done: Next) => void): void;
}
interface FastifyRequest {
  readonly raw: IncomingMessage;
  /** Undefined where no route is found. */
  readonly routeOptions: { readonly url?: string };
}

@Injectable()
export class FrontDoor {
  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {
    host.init$.subscribe(() => this.install(host));
  }

  /** The adapter is there, and nothing of the application is mounted on it yet. Applications without HTTP have none. */
  private install(host: HttpAdapterHost): void {
    const httpAdapter: AbstractHttpAdapter | null = host.httpAdapter;
    if (httpAdapter === null) return;
    if (httpAdapter.getType() === 'fastify') this.meetFastify(httpAdapter.getInstance<FastifyLike>());
    else
      httpAdapter.use((request: IncomingMessage, response: ServerResponse, next: Next) => {
        const path = pathIn(request);
        const refusal = this.isOurs(path) ? admit(request, path) : undefined;
        if (refusal === undefined) next();
        else refuse(response, refusal);
      });
  }

  private meetFastify(instance: FastifyLike): void {
    instance.addHook('onRoute', (route) => {
      // A wildcard has no name in Fastify, and what it takes may have any length, which a parameter may not.
      if (this.isOurs(route.url)) route.url = route.url.replace(/\/:\w+(\/\w+)?$|\/\*\w+$/, '/*');
    });
    instance.addHook('onRequest', ({ raw, routeOptions }, reply, done) => {
      const path = pathIn(raw);
      const refusal = this.isOurs(routeOptions.url ?? path) ? admit(raw, path) : undefined;
      if (refusal === undefined) return done();
      for (const [name, value] of Object.entries(refusal.headers)) reply.header(name, value);
      answer(reply, refusal.getStatus(), refusal.getResponse());
    });
  }

  /** Before routing, so that the path of a version is not known; the calls are neutral of versions anyway. */
  private isOurs(given: string): boolean {
    const path = given.toLowerCase();
    const prefix = this.application.getGlobalPrefix().replace(/^\/+|\/+$/g, '');
    const bases = [`/${this.management.path}`, `/${prefix}/${this.management.path}`];
    return bases
      .map((base) => base.toLowerCase())
      .some((base) => path === base || path.startsWith(`${base}/`));
  }
}

/** What is wrong with a call, whoever calls. */
function admit(request: IncomingMessage, path: string): Problem | undefined {
  setBodyAside(request);
  if (request.method === 'TRACE') return methodNotAllowed('TRACE');
  try {
    decodeURIComponent(path);
    return undefined;
  } catch {
    return badRequest('the address is not percent-encoded UTF-8');
  }
}

function pathIn({ url = '/' }: IncomingMessage): string {
  const [path = '/'] = url.split(/[?#]/, 1);
  return path;
}

function refuse(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problemOf(problem) ?? INTERNAL);
  response.writeHead(problem.getStatus(), {
    ...problem.headers,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
