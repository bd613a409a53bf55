/**
 * What callers send, checked before anything is done with it. Whatever is wrong is named, and nothing else happens.
 */
import { addressOf, pathOf, type HttpRequest } from './http.js';
import { badRequest, noSuchCall } from './problem.js';

/** Everything behind `/<path>/keys/`, decoded: a key may hold slashes, dots and percent signs. */
export function keyOf(request: HttpRequest, path: string): string {
  const key = decoded(behind(request, `/${path}/keys/`), 'key');
  if (key === '') throw badRequest('a key is missing');
  return key;
}

/** Refuses an address that ends where a key should begin: Express takes it for one without the last slash. */
export function assertNoEmptyKey(request: HttpRequest): void {
  if (pathOf(request).endsWith('/')) throw badRequest('a key is missing');
}

/** The part of the path between `/<path>/<kind>/` and the action, decoded. */
export function nameOf(request: HttpRequest, path: string, kind: string, action?: string): string {
  const rest = behind(request, `/${path}/${kind}/`).replace(/\/$/, '');
  const end = action === undefined ? '' : `/${action}`;
  const name = rest.slice(0, rest.length - end.length);
  if (!rest.endsWith(end) || name === '' || name.includes('/')) throw noSuchCall();
  return decoded(name, 'name');
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
  const [value, ...more] = queryOf(request).getAll(name);
  if (more.length > 0) throw badRequest(`${name} must be given once`);
  return value;
}

/** What somebody meant by a parameter that a call does not know would not happen. */
export function assertKnownParameters(request: HttpRequest, known: readonly string[]): void {
  const query = queryOf(request);
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    const takes = known.length === 0 ? 'no parameter' : known.join(', ');
    throw badRequest(`there is no parameter ${JSON.stringify(name.slice(0, 100))}; this call takes ${takes}`);
  }
}

/** The fields of a body that is an object of these fields alone. */
export function fieldsOf<const Name extends string>(
  body: unknown,
  known: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('the body must be a JSON object');
  const fields: Partial<Record<Name, unknown>> = {};
  for (const [given, value] of Object.entries(body)) {
    const name = known.find((other) => other === given);
    if (name === undefined) {
      const shown = JSON.stringify(given.slice(0, 100));
      throw badRequest(`there is no field ${shown}; this body takes ${known.join(', ')}`);
    }
    fields[name] = value;
  }
  return fields;
}

function queryOf(request: HttpRequest): URLSearchParams {
  const [, query = ''] = /\?([^#]*)/.exec(addressOf(request)) ?? [];
  decoded(query, 'query');
  return new URLSearchParams(query);
}

/** Express finds routes whatever the case of their letters. */
function behind(request: HttpRequest, marker: string): string {
  const address = pathOf(request);
  const start = address.toLowerCase().indexOf(marker.toLowerCase());
  return start < 0 ? '' : address.slice(start + marker.length);
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest(`the ${what} is not percent-encoded UTF-8`);
  }
}
