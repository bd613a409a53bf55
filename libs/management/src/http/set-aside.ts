/**
 * Keeps the body of a management call out of every parser until the call is allowed: its headers are taken off the request,
 * so that the framework and the application see a request without a body, and nothing reads it. `BodyReader` reads it later,
 * for calls that take one. A connection whose body does not arrive in time is closed.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Longest time that a body may take from its head to its end, in milliseconds. */
const ARRIVAL_MS = 10_000;
/** Node reads the rest of a refused body and drops it, so that the client hears the answer; larger ones are cut off. */
const DROPPED_BYTES_MAX = 8 * 1024 * 1024;

/** What the headers say about a body. */
export interface BodyHead {
  /** Undefined: it has no announced end. */
  readonly bytes: number | undefined;
  readonly type: string | undefined;
  readonly encoding: string | undefined;
}

const heads = new WeakMap<IncomingMessage, BodyHead>();
/** By connection: forgets the body that is on its way there. */
const arriving = new WeakMap<Socket, () => void>();

export function setBodyAside(request: IncomingMessage): void {
  const { headers } = request;
  const head = headIn(headers);
  heads.set(request, head);
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'content-encoding'])
    delete headers[name];
  if (head.bytes !== 0) limitArrival(request);
}

export function bodyHeadOf(request: IncomingMessage): BodyHead {
  return heads.get(request) ?? headIn(request.headers);
}

/** The rest of the body is too large to wait for, or has no announced end: the connection ends with the answer. */
export function mustClose(request: IncomingMessage): boolean {
  const { bytes = Infinity } = bodyHeadOf(request);
  return !request.complete && bytes > DROPPED_BYTES_MAX;
}

function headIn(headers: IncomingMessage['headers']): BodyHead {
  const isChunked = headers['transfer-encoding'] !== undefined;
  return {
    bytes: isChunked ? undefined : Number(headers['content-length'] ?? 0),
    type: headers['content-type'],
    encoding: headers['content-encoding'],
  };
}

/** A connection receives one body at a time: the next one shows that the one before is complete. */
function limitArrival(request: IncomingMessage): void {
  const { socket } = request;
  arriving.get(socket)?.();
  const timer = setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, ARRIVAL_MS);
  timer.unref();
  const stop = () => {
    clearTimeout(timer);
    socket.off('close', stop);
    if (arriving.get(socket) === stop) arriving.delete(socket);
  };
  arriving.set(socket, stop);
  socket.once('close', stop);
  request.once('close', () => {
    if (request.complete) stop();
  });
}
