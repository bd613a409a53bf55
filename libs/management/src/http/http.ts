/**
 * What of a request and a response is the same under Express and Fastify, and the few things that are not.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface HttpRequest {
  readonly headers: IncomingMessage['headers'];
  readonly url?: string;
  /** Express keeps the whole address here, and cuts `url` where something is mounted. */
  readonly originalUrl?: string;
  /** Fastify's request holds the request of Node itself. */
  readonly raw?: IncomingMessage;
}

/** Both adapters know these. */
export interface HttpResponse {
  header(name: string, value: string): unknown;
  status(code: number): HttpResponse;
  send(body: unknown): unknown;
  /** Fastify's reply holds the response of Node itself. */
  readonly raw?: ServerResponse;
  /** Fastify: an answer is on its way. */
  readonly sent?: boolean;
  hijack?(): unknown;
}

/**
 * Answers in JSON. Handlers call this in place of returning a value, and a text leaves no work to the framework, so that
 * neither interceptors nor serializers of the application change the documented shape.
 */
export function answer(response: HttpResponse, status: number, body: unknown): void {
  response.header('Content-Type', 'application/json; charset=utf-8');
  response.status(status).send(JSON.stringify(body));
}

export function isAnswered(response: HttpResponse): boolean {
  return response.sent === true || (response.raw ?? asServerResponse(response)).headersSent;
}

export function addressOf(request: HttpRequest): string {
  return request.originalUrl ?? request.url ?? '/';
}

/** The path as it was sent, without the query. */
export function pathOf(request: HttpRequest): string {
  const [path = '/'] = addressOf(request).split(/[?#]/, 1);
  return path;
}

/** Node's own request. */
export function messageOf(request: HttpRequest): IncomingMessage {
  return request.raw ?? asIncomingMessage(request);
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

/** Express' request is Node's, too. */
function asIncomingMessage(request: unknown): IncomingMessage {
  return request as IncomingMessage;
}
