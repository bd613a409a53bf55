/**
 * One call to a node, with the times between which it was answered.
 */
import { request } from 'node:http';
import { HTTP_PORT, type Life } from '../lab/life.js';
import { now } from '../until.js';

export const TOKEN = 'chaos';

export interface Answer {
  readonly t0: number;
  readonly t1: number;
  /** 0: there was no answer. */
  readonly status: number;
  /** The code of an error, of this network or of the answer. */
  readonly code: string;
  readonly body: unknown;
}

export interface Call {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

export function call(
  life: Life,
  path: string,
  { method = 'GET', body, timeoutMs }: Call = {},
): Promise<Answer> {
  const t0 = now();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  // A connection that is kept busy would hold up the end of an HTTP server for ever.
  const agent = life.isEnding ? false : life.agent;
  return new Promise((resolve) => {
    const finish = (status: number, code: string, answer?: unknown) =>
      resolve({ t0, t1: now(), status, code, body: answer });
    const headers = {
      Authorization: `Bearer ${TOKEN}`,
      ...(sent === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(sent) }),
    };
    const out = request({ host: life.control, port: HTTP_PORT, path, method, headers, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', (error) => finish(0, codeOf(error)));
      response.once('end', () => {
        const answer = parsed(Buffer.concat(parts).toString());
        finish(response.statusCode ?? 0, textOf(answer, 'code'), answer);
      });
    });
    out.once('error', (error) => finish(0, codeOf(error)));
    if (timeoutMs !== undefined)
      out.setTimeout(timeoutMs, () => out.destroy(Object.assign(new Error('late'), { code: 'LATE' })));
    out.end(sent);
  });
}

/** A field of an answer, as text; empty when it is not there. */
export function textOf(body: unknown, name: string): string {
  const value = fieldOf(body, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
