/**
 * What an API server keeps: objects with versions, and what changed since. Strict where the real one is: one version over
 * all objects, compare-and-swap by version and by uid, names and times checked, and a history that forgets.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { checkLease, checkName, kindOf, isLease } from './object-checks.js';
import { Refusal } from './refusal.js';

export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly collection: string;
  readonly object: StoredObject;
  /** As it was before the change. */
  readonly before?: StoredObject;
  readonly version: number;
}

const HISTORY_MAX = 1_000;

export class ObjectStore {
  private readonly objects = new Map<string, StoredObject>();
  private readonly watchers = new Set<(event: StoreEvent) => void>();
  private history: StoreEvent[] = [];
  private forgotten = 0;
  version = 1_000;

  /** @param now milliseconds since 1970 */
  constructor(private readonly now: () => number = Date.now) {}

  get(collection: string, name: string): StoredObject {
    const object = this.objects.get(`${collection}/${name}`);
    if (!object) throw new Refusal(404, 'NotFound', `${kindOf(collection)} "${name}" not found`);
    return object;
  }

  /** In order of name. */
  list(collection: string): readonly StoredObject[] {
    const names = [...this.objects.keys()].filter((key) => key.startsWith(`${collection}/`)).sort();
    return names.flatMap((key) => this.objects.get(key) ?? []);
  }

  create(collection: string, body: unknown): StoredObject {
    const { metadata, rest } = readBody(body);
    const name = checkName(metadata['name']);
    if (metadata['resourceVersion']) {
      throw new Refusal(500, 'InternalError', 'resourceVersion should not be set on objects to be created');
    }
    if (this.objects.has(`${collection}/${name}`)) {
      throw new Refusal(409, 'AlreadyExists', `${kindOf(collection)} "${name}" already exists`);
    }
    if (isLease(collection)) checkLease(rest);
    const creationTimestamp = new Date(this.now()).toISOString().replace(/\.\d+/, '');
    const uid = randomUUID();
    return this.put(collection, { ...rest, metadata: { creationTimestamp, ...metadata, name, uid } });
  }

  /**
   * A Lease that is not there is created, unless a uid says which one is meant; another object is not. An object that does
   * not change keeps its version.
   */
  replace(collection: string, name: string, body: unknown): StoredObject {
    const { metadata, rest } = readBody(body);
    if (metadata['name'] !== name)
      throw new Refusal(400, 'BadRequest', 'the name of the object does not match the name on the URL');
    const current = this.objects.get(`${collection}/${name}`);
    const { uid, resourceVersion } = metadata;
    if (uid && uid !== current?.metadata.uid) {
      const has = current?.metadata.uid ?? '';
      throw new Refusal(
        409,
        'Conflict',
        `Precondition failed: UID in precondition: ${JSON.stringify(uid)}, UID in object meta: ${has}`,
      );
    }
    if (!current && !isLease(collection)) return this.get(collection, name);
    if (!current) {
      const { resourceVersion: _, ...unversioned } = metadata;
      return this.create(collection, { ...rest, metadata: unversioned });
    }
    if (!resourceVersion) {
      throw new Refusal(
        422,
        'Invalid',
        'metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
      );
    }
    if (resourceVersion !== current.metadata.resourceVersion) {
      const said = `Operation cannot be fulfilled on ${kindOf(collection)} "${name}": the object has been modified`;
      throw new Refusal(
        409,
        'Conflict',
        `${said}; please apply your changes to the latest version and try again`,
      );
    }
    if (isLease(collection)) checkLease(rest);
    const { uid: same, creationTimestamp, namespace } = current.metadata;
    const changed = { ...rest, metadata: { ...metadata, creationTimestamp, namespace, uid: same } };
    return isDeepStrictEqual(changed, current) ? current : this.put(collection, changed, current);
  }

  remove(collection: string, name: string): StoredObject {
    const object = this.get(collection, name);
    this.objects.delete(`${collection}/${name}`);
    this.version++;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    this.announce({ type: 'DELETED', collection, object: last, before: object, version: this.version });
    return last;
  }

  /** Everything since a version, then what comes; ends with the returned function. */
  watch(since: number, told: (event: StoreEvent) => void): () => void {
    if (since < this.forgotten) {
      throw new Refusal(410, 'Expired', `too old resource version: ${since} (${this.forgotten})`);
    }
    for (const event of this.history) if (event.version > since) told(event);
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }

  /** Forgets what changed so far, as etcd does after a few minutes. */
  compact(): void {
    this.version++;
    this.forgotten = this.version;
    this.history = [];
  }

  isForgotten(version: number): boolean {
    return version < this.forgotten;
  }

  private put(collection: string, body: Record<string, unknown>, before?: StoredObject): StoredObject {
    const metadata = body['metadata'] as Record<string, unknown>;
    const [, namespace = ''] = /namespaces\/([^/]+)\//.exec(collection) ?? [];
    const object = {
      ...body,
      metadata: {
        ...metadata,
        namespace,
        resourceVersion: String(++this.version),
      },
    } as unknown as StoredObject;
    this.objects.set(`${collection}/${object.metadata.name}`, object);
    const type = before ? 'MODIFIED' : 'ADDED';
    this.announce({ type, collection, object, ...(before && { before }), version: this.version });
    return object;
  }

  private announce(event: StoreEvent): void {
    this.history.push(event);
    if (this.history.length > HISTORY_MAX) this.forgotten = this.history.shift()?.version ?? this.forgotten;
    for (const told of this.watchers) told(event);
  }
}

function readBody(body: unknown): {
  readonly metadata: Record<string, unknown>;
  readonly rest: Record<string, unknown>;
} {
  const rest = body as Record<string, unknown> | null;
  const metadata = rest?.['metadata'];
  if (typeof rest !== 'object' || rest === null || typeof metadata !== 'object' || metadata === null) {
    throw new Refusal(400, 'BadRequest', 'the object provided is unrecognized');
  }
  return { metadata: metadata as Record<string, unknown>, rest };
}
