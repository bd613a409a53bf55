/**
 * What the server answers to one request about leases, pods or endpoint slices, once the request has got in.
 */
import type { ServerResponse } from 'node:http';
import { kindOf } from './object-checks.js';
import type { ObjectStore } from './object-store.js';
import { Refusal } from './refusal.js';
import type { Rights } from './rights.js';
import { isSelected } from './selectors.js';
import type { Watches } from './watches.js';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface ResourceRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
  readonly text: string;
  /** The namespaces that exist; undefined: all do. */
  readonly namespaces: ReadonlySet<string> | undefined;
}

/** One request, taken apart. */
interface Target extends ResourceRequest {
  readonly collection: string;
  readonly namespace: string;
  readonly name: string | undefined;
}

const PATH =
  /^(\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/]+)\/leases|\/api\/v1\/namespaces\/([^/]+)\/pods|\/apis\/discovery\.k8s\.io\/v1\/namespaces\/([^/]+)\/endpointslices)(?:\/([^/]+))?$/;
const VERBS: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['PUT', 'update'],
  ['DELETE', 'delete'],
]);

export class Resources {
  constructor(
    private readonly store: ObjectStore,
    private readonly watches: Watches,
    private readonly rights: Rights,
  ) {}

  /** Undefined: a watch, which answers by itself. */
  answer(request: ResourceRequest, response: ServerResponse): Answer | undefined {
    const [, collection, lease, pod, slice, name] = PATH.exec(request.path) ?? [];
    if (collection === undefined)
      throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
    const target = { ...request, collection, namespace: lease ?? pod ?? slice ?? '', name };
    this.allow(target, verbOf(target));
    if (name === undefined) return this.ofCollection(target, response);
    return this.ofObject(target, name);
  }

  private ofCollection(target: Target, response: ServerResponse): Answer | undefined {
    const { method, collection, query, isWatch } = target;
    if (method === 'POST') {
      checkNamespace(target);
      return { status: 201, body: this.store.create(collection, bodyOf(target)) };
    }
    if (method !== 'GET') throw notAllowed();
    if (!isWatch) return { status: 200, body: this.list(collection, query) };
    this.watches.begin(collection, query, response);
    return undefined;
  }

  private ofObject(target: Target, name: string): Answer {
    const { method, collection } = target;
    if (method === 'GET') return { status: 200, body: this.store.get(collection, name) };
    if (method === 'DELETE') return { status: 200, body: this.store.remove(collection, name) };
    if (method !== 'PUT') throw notAllowed();
    const isNew = !this.store.list(collection).some(({ metadata }) => metadata.name === name);
    if (isNew) {
      this.allow(target, 'create');
      checkNamespace(target);
    }
    return { status: isNew ? 201 : 200, body: this.store.replace(collection, name, bodyOf(target)) };
  }

  /** Lists and watches of one object name it by field selector. */
  private allow({ collection, namespace, name, query }: Target, verb: string): void {
    const selected = /^metadata\.name=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
    this.rights.check({ verb, resource: kindOf(collection), name: name ?? selected, namespace });
  }

  private list(collection: string, query: URLSearchParams): object {
    const limit = Number(query.get('limit') ?? 0) || Infinity;
    const [version = this.store.version, offset = 0] = (query.get('continue') ?? '')
      .split(':')
      .filter(Boolean)
      .map(Number);
    if (this.store.isForgotten(version)) {
      throw new Refusal(410, 'Expired', 'The provided continue parameter is too old');
    }
    const all = this.store.list(collection).filter((object) => isSelected(object, query));
    const items = all.slice(offset, offset + limit);
    const end = offset + items.length;
    const next = end < all.length && { continue: `${version}:${end}`, remainingItemCount: all.length - end };
    return { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: String(version), ...next }, items };
  }
}

function verbOf({ method, name, isWatch }: Target): string {
  if (method === 'GET') return isWatch ? 'watch' : name === undefined ? 'list' : 'get';
  return VERBS.get(method) ?? method.toLowerCase();
}

/** Nothing can be put into a namespace that is not there. What is read there is just not found, or an empty list. */
function checkNamespace({ namespace, namespaces }: Target): void {
  if (namespaces?.has(namespace) === false)
    throw new Refusal(404, 'NotFound', `namespaces "${namespace}" not found`);
}

function bodyOf({ text }: Target): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'BadRequest', 'the body is not JSON');
  }
}

function notAllowed(): Refusal {
  const message = 'the server does not allow this method on the requested resource';
  return new Refusal(405, 'MethodNotAllowed', message);
}
