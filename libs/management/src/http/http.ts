/**
 * What of a request and a response is the same under Express and Fastify, and the few things that are not.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProblemBody } from './problem.js';

export interface HttpRequest {
  readonly headers: IncomingMessage['headers'];
  readonly url?: string;
  /** Express keeps the whole address here, and cuts `url` where something is mounted. */
  readonly originalUrl?: string;
  readonly query?: unknown;
}

/** Both adapters know these. */
export interface HttpResponse {
  header(name: string, value: string): unknown;
  status(code: number): HttpResponse;
  send(body: unknown): unknown;
  /** Fastify's reply holds the response of Node itself. */
  readonly raw?: ServerResponse;
  hijack?(): unknown;
}

export function reply(response: HttpResponse, problem: ProblemBody): void {
  response.status(problem.statusCode).send(problem);
}

export function addressOf(request: HttpRequest): string {
  return request.originalUrl ?? request.url ?? '/';
}

/** The path as it was sent, without the query. */
export function pathOf(request: HttpRequest): string {
  const [path = '/'] = addressOf(request).split(/[?#]/, 1);
  return path;
}

/** One parameter of the query; undefined when it is missing or given more than once. */
export function queryOf(request: HttpRequest, name: string): string | undefined {
  const { query } = request;
  const value: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Node's own response, to write to piece by piece; the framework keeps its hands off from now on. */
export function takeOver(response: HttpResponse): ServerResponse {
  if (response.raw === undefined) return asServerResponse(response);
  response.hijack?.();
  return response.raw;
}

/** Express' response is Node's, with more to it. */
function asServerResponse(response: unknown): ServerResponse {
  return response as ServerResponse;
}
