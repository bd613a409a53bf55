/**
 * The one shape in which every call says what went wrong: `{ statusCode, code, message }`. Errors of the cluster keep their
 * code; what nobody expected is logged, and answered without its details.
 */
import { HttpException } from '@nestjs/common';
import { ClusterError, type ClusterErrorCode } from '@nest-cluster/core';

export type ProblemCode =
  | ClusterErrorCode
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'REQUEST_TIMEOUT'
  | 'CONFLICT'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'UNAVAILABLE'
  | 'INTERNAL';

export interface ProblemBody {
  readonly statusCode: number;
  readonly code: string;
  readonly message: string;
}

/** Something that a caller did wrong, or that cannot be done now. */
export class Problem extends HttpException {
  constructor(
    statusCode: number,
    code: ProblemCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super({ statusCode, code, message } satisfies ProblemBody, statusCode);
  }
}

export const badRequest = (message: string) => new Problem(400, 'BAD_REQUEST', message);
export const notFound = (message: string) => new Problem(404, 'NOT_FOUND', message);
export const conflict = (message: string) => new Problem(409, 'CONFLICT', message);
export const tooLarge = (bytesMax: number) =>
  new Problem(413, 'PAYLOAD_TOO_LARGE', `the body is larger than ${bytesMax} bytes`);
export const unsupported = (message: string) => new Problem(415, 'UNSUPPORTED_MEDIA_TYPE', message);
export const methodNotAllowed = (method: string) =>
  new Problem(405, 'METHOD_NOT_ALLOWED', `${method} is not answered here`, {
    Allow: 'GET, HEAD, PUT, POST, DELETE',
  });
/** The connection is of no use any more: the rest of the body may never come. */
export const tooSlow = (ms: number) =>
  new Problem(408, 'REQUEST_TIMEOUT', `the body did not arrive within ${ms} ms`, { Connection: 'close' });
export const busy = () =>
  new Problem(503, 'UNAVAILABLE', 'too many bodies are on their way to this node; try again', {
    'Retry-After': '1',
  });
export const noSuchCall = () => notFound('there is no such call');
export const unavailable = (message: string) => new Problem(503, 'UNAVAILABLE', message);

const STATUS_OF: Readonly<Partial<Record<ClusterErrorCode, number>>> = {
  CLUSTER_OPTIONS_INVALID: 400,
  CLUSTER_KEY_INVALID: 400,
  CLUSTER_VALUE_INVALID: 400,
  CLUSTER_VALUE_TOO_LARGE: 413,
  CLUSTER_NODE_UNKNOWN: 404,
  CLUSTER_PARTITION_UNKNOWN: 404,
  CLUSTER_PARTITION_DECIDED: 409,
  CLUSTER_NOT_LEADER: 503,
  CLUSTER_NOT_STARTED: 503,
  CLUSTER_STOPPED: 503,
  CLUSTER_CALL_FAILED: 503,
  CLUSTER_QUORUM_UNAVAILABLE: 503,
  CLUSTER_MINORITY: 503,
  CLUSTER_STORE_NOT_READY: 503,
  CLUSTER_STORE_BUSY: 503,
};

const CODE_OF: Readonly<Record<number, ProblemCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  503: 'UNAVAILABLE',
};

/** What a caller is told of an error; undefined when it was expected by nobody. */
export function problemOf(error: unknown): ProblemBody | undefined {
  if (error instanceof ClusterError) {
    const statusCode = STATUS_OF[error.code];
    return statusCode === undefined ? undefined : { statusCode, code: error.code, message: error.message };
  }
  // An exception of a guard of the application's own keeps its status and its words.
  if (!(error instanceof HttpException)) return undefined;
  const statusCode = error.getStatus();
  const body = error.getResponse();
  const code = typeof body === 'object' && 'code' in body ? String(body.code) : CODE_OF[statusCode];
  return { statusCode, code: code ?? 'BAD_REQUEST', message: error.message };
}

export const INTERNAL: ProblemBody = {
  statusCode: 500,
  code: 'INTERNAL',
  message: 'something went wrong on this node; its log says what',
};
