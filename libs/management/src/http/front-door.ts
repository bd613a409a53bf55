/**
 * Takes in bodies and addresses of the management calls itself, before the framework does: a value may be any JSON and as
 * large as the store takes, and what cannot be read is answered in the documented shape. Other routes are left alone.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '@nest-cluster/core';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';
import { readJson } from './json-body.js';
import { badRequest, problemOf, tooLarge, type ProblemBody } from './problem.js';

type ExpressRequest = IncomingMessage & { originalUrl?: string; body?: unknown };
type Next = () => void;

/** What is used of Fastify. */
interface FastifyLike {
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void;
}
interface FastifyRoute {
  url: string;
  bodyLimit?: number;
  errorHandler?: (error: FastifyFailure, request: unknown, reply: FastifyAnswer) => void;
}
interface FastifyFailure {
  readonly statusCode?: number;
}
interface FastifyAnswer {
  status(code: number): { send(body: ProblemBody): void };
}

@Injectable()
export class FrontDoor {
  private readonly bodyBytesMax: number;

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
    @Inject(RESOLVED_OPTIONS) options: ResolvedOptions,
  ) {
    // JSON writes some values longer than they are stored; the store itself has the last word.
    this.bodyBytesMax = 2 * options.store.maxValueBytes + 1_024;
    host.init$.subscribe(() => this.install(host));
  }

  /** The adapter is there, and nothing of the application is mounted on it yet. Applications without HTTP have none. */
  private install(host: HttpAdapterHost): void {
    const httpAdapter: AbstractHttpAdapter | null = host.httpAdapter;
    if (httpAdapter === null) return;
    if (httpAdapter.getType() === 'fastify') this.guideFastify(httpAdapter.getInstance<FastifyLike>());
    else
      httpAdapter.use((request: ExpressRequest, response: ServerResponse, next: Next) => {
        void this.admit(request, response, next);
      });
  }

  private async admit(request: ExpressRequest, response: ServerResponse, next: Next): Promise<void> {
    const [path = '/'] = (request.originalUrl ?? request.url ?? '/').split(/[?#]/, 1);
    if (!this.isOurs(path)) return next();
    try {
      assertDecodable(path);
      const body = await readJson(request, this.bodyBytesMax);
      if (body !== undefined) request.body = body.value;
    } catch (error) {
      return answer(response, problemOf(error) ?? UNREADABLE);
    }
    next();
  }

  private guideFastify(instance: FastifyLike): void {
    instance.addHook('onRoute', (route) => {
      if (!this.isOurs(route.url)) return;
      // Express wants a name for what a wildcard takes, and Fastify wants none.
      route.url = route.url.replace(/\*\w+$/, '*');
      route.bodyLimit = this.bodyBytesMax;
      route.errorHandler = (error, _request, reply) => {
        const isTooLarge = error.statusCode === 413;
        const problem = isTooLarge ? tooLarge(this.bodyBytesMax) : badRequest(UNREADABLE.message);
        reply.status(problem.getStatus()).send(problemOf(problem) ?? UNREADABLE);
      };
    });
  }

  /** Before routing, so that the path of a version is not known; the calls are neutral of versions anyway. */
  private isOurs(path: string): boolean {
    const prefix = this.application.getGlobalPrefix().replace(/^\/+|\/+$/g, '');
    const bases = [`/${this.management.path}`, `/${prefix}/${this.management.path}`];
    return bases.some((base) => path === base || path.startsWith(`${base}/`));
  }
}

const UNREADABLE: ProblemBody = {
  statusCode: 400,
  code: 'BAD_REQUEST',
  message: 'the body must be JSON, sent as application/json',
};

function assertDecodable(path: string): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw badRequest('the address is not percent-encoded UTF-8');
  }
}

function answer(response: ServerResponse, problem: ProblemBody): void {
  const body = JSON.stringify(problem);
  response.writeHead(problem.statusCode, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
