/**
 * What callers send, checked before anything is done with it. Whatever is wrong is named, and nothing else happens.
 */
import { pathOf, queryOf, type HttpRequest } from './http.js';
import { isJson } from './json-body.js';
import { badRequest } from './problem.js';

/** Everything behind `/<path>/keys/`, decoded: a key may hold slashes, dots and percent signs. */
export function keyOf(request: HttpRequest, path: string): string {
  const address = pathOf(request);
  const marker = `/${path}/keys/`;
  const start = address.indexOf(marker);
  try {
    const key = start < 0 ? '' : decodeURIComponent(address.slice(start + marker.length));
    if (key !== '') return key;
  } catch {
    throw badRequest('the key is not percent-encoded UTF-8');
  }
  throw badRequest('a key is missing');
}

export function oneOf<const Choice extends string>(
  request: HttpRequest,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const given = parameter(request, name);
  const choice = choices.find((known) => known === given);
  if (given !== undefined && choice === undefined)
    throw badRequest(`${name} must be ${choices.join(' or ')}`);
  return choice;
}

export function wholeNumber(
  request: HttpRequest,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const given = parameter(request, name);
  if (given === undefined) return undefined;
  const value = /^\d{1,16}$/.test(given) ? Number(given) : NaN;
  if (!(value >= min && value <= max))
    throw badRequest(`${name} must be a whole number from ${min} to ${max}`);
  return value;
}

/** Refuses one that is given more than once, since it is not clear which is meant. */
export function parameter(request: HttpRequest, name: string): string | undefined {
  const value = queryOf(request, name);
  const { query } = request;
  if (value === undefined && typeof query === 'object' && query !== null && name in query)
    throw badRequest(`${name} must be given once, as text`);
  return value;
}

/** The body of a call that needs one; any JSON value. */
export function jsonBody(request: HttpRequest, body: unknown): unknown {
  if (!isJson(request.headers['content-type']) || body === undefined)
    throw badRequest('the body must be JSON, sent as application/json');
  return body;
}

/** A field of a body that is an object; undefined when it is missing. */
export function fieldOf(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('the body must be a JSON object');
  return Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
}

/** Whether a body came with this call at all. */
export function hasBody(request: HttpRequest): boolean {
  const { headers } = request;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
