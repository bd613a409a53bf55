/**
 * The Lease object as the election reads and writes it. The holder is an incarnation and not a pod, because a restarted pod
 * of the same name is somebody else (L4); the fencing token is an annotation of our own, because `leaseTransitions` does
 * not change when a pod finds its own name as holder, and begins again with a new object (L3).
 */
import type { V1LeaseSpec, V1ObjectMeta } from '@kubernetes/client-node';
import type { ApiObject } from '../api/reflector.js';

export const TOKEN_ANNOTATION = 'nest-cluster/fencing-token';
/** The token of the term that was given back. An empty holder counts as given back only while both annotations agree (L1). */
const RELEASED_ANNOTATION = 'nest-cluster/released-token';

/** Tokens are below this, so that each is a number of its own (L3). */
export const TOKEN_LIMIT = Number.MAX_SAFE_INTEGER;

export interface Holder {
  readonly name: string;
  readonly incarnation: string;
}

export interface LeaseRecord {
  /** Changes with every write; compare-and-swap and "did it change" both go by it. */
  readonly version: string;
  /** Null: given back, never held, or emptied by somebody. */
  readonly holder: Holder | null;
  /** Its last holder gave it back, after its work had ended. */
  readonly isGivenBack: boolean;
  /** Token of the last term; 0 when there was none, or none that can be read. */
  readonly token: number;
  /** The object says a token, and no greater one can follow: it is no whole number, or the greatest. */
  readonly isTokenSpent: boolean;
  /** How long the holder asked others to wait after a renewal, in milliseconds; 0 when it did not say. */
  readonly durationMs: number;
  /** The object as it was read, so that what others put there stays there. */
  readonly object: ApiObject;
}

export interface LeaseChange {
  /** What is replaced; null creates the object. */
  readonly base: LeaseRecord | null;
  readonly holder: Holder | null;
  readonly token: number;
  readonly durationMs: number;
}

/** The fields that count here, in the names and meanings of the API's own model. */
interface LeaseObject extends ApiObject {
  readonly metadata?: Readonly<Partial<Pick<V1ObjectMeta, 'name' | 'resourceVersion' | 'annotations'>>>;
  readonly spec?: Readonly<
    Partial<Pick<V1LeaseSpec, 'holderIdentity' | 'leaseDurationSeconds' | 'leaseTransitions'>>
  >;
}

export function readLease(object: ApiObject): LeaseRecord {
  const { metadata, spec }: LeaseObject = object;
  const annotations = metadata?.annotations ?? {};
  const text = annotations[TOKEN_ANNOTATION];
  const token = readToken(text);
  const holder = readHolder(spec?.holderIdentity);
  const seconds = spec?.leaseDurationSeconds ?? 0;
  return {
    version: metadata?.resourceVersion ?? '',
    holder,
    isGivenBack: holder === null && text !== undefined && annotations[RELEASED_ANNOTATION] === text,
    token: token ?? 0,
    isTokenSpent: token === undefined || token + 1 >= TOKEN_LIMIT,
    durationMs: Number.isSafeInteger(seconds) && seconds > 0 ? seconds * 1000 : 0,
    object,
  };
}

/** The object to send. With the `uid` of what was read, so that a deleted Lease is not brought back by a late renewal. */
export function writeLease(
  name: string,
  { base, holder, token, durationMs }: LeaseChange,
  wallMs: number,
): object {
  const read: LeaseObject = base?.object ?? {};
  const { [RELEASED_ANNOTATION]: _, ...annotations } = read.metadata?.annotations ?? {};
  const isNewTerm = holder !== null && base?.token !== token;
  const time = microTime(wallMs);
  return {
    ...read,
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...read.metadata,
      name,
      annotations: {
        ...annotations,
        [TOKEN_ANNOTATION]: String(token),
        ...(holder === null && { [RELEASED_ANNOTATION]: String(token) }),
      },
    },
    spec: {
      ...read.spec,
      holderIdentity: holder === null ? '' : `${holder.name}_${holder.incarnation}`,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      renewTime: time,
      ...(isNewTerm && { acquireTime: time, leaseTransitions: (read.spec?.leaseTransitions ?? 0) + 1 }),
    },
  };
}

/** As the API wants it: six digits after the dot. For people only; no decision is made by it. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/Z$/, '000Z');
}

/** Undefined: there is one that this node cannot raise. */
function readToken(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const token = /^\d{1,16}$/.test(text) ? Number(text) : Infinity;
  return token < TOKEN_LIMIT ? token : undefined;
}

/** A holder that was written by something else has no incarnation, and counts all the same. */
function readHolder(identity: string | undefined | null): Holder | null {
  if (!identity) return null;
  const cut = identity.lastIndexOf('_');
  return cut < 0
    ? { name: identity, incarnation: '' }
    : { name: identity.slice(0, cut), incarnation: identity.slice(cut + 1) };
}
