/**
 * From the objects of the API to contact points. Addresses that are not ready count, since nodes must find each other in
 * order to become ready; those that are terminating do not, since whoever leaves must not be dialled (D4). An object that
 * says something unexpected gives no contact point, and never an error (D3).
 */
import type { V1EndpointSlice, V1Pod } from '@kubernetes/client-node';
import { contactPoint, isHost, isPort, type ContactPoint } from '@nest-cluster/core';
import type { ApiObject } from '../api/reflector.js';
import type { Mode } from './settings.js';

/** Name of the container's or Service's port that is the control port; without one, the node's own port is taken. */
export const PORT_NAME = 'cluster';

export interface Naming {
  readonly mode: Mode;
  readonly namespace: string;
  readonly domain: string;
  /** Port of nodes that do not say theirs. */
  readonly port: number;
}

/** The contact points of one endpoint slice. */
export function ofEndpointSlice(object: ApiObject, naming: Naming): readonly ContactPoint[] {
  const slice = object as Partial<V1EndpointSlice>;
  const service = slice.metadata?.labels?.['kubernetes.io/service-name'];
  const port = listOf(slice.ports).find(({ name }) => name === PORT_NAME)?.port;
  return listOf(slice.endpoints).flatMap(({ addresses, conditions, hostname }) => {
    if (conditions?.terminating === true) return [];
    // All addresses of an endpoint lead to the same pod.
    return point(naming, { ip: listOf(addresses)[0], hostname, subdomain: service, port });
  });
}

/** The contact points of one pod: one, or none. */
export function ofPod(object: ApiObject, naming: Naming): readonly ContactPoint[] {
  const { metadata, spec, status } = object as Partial<V1Pod>;
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if (hasEnded || Boolean(metadata?.deletionTimestamp)) return [];
  const ports = listOf(spec?.containers).flatMap((container) => listOf(container.ports));
  const port = ports.find(({ name }) => name === PORT_NAME)?.containerPort;
  return point(naming, { ip: status?.podIP, hostname: spec?.hostname, subdomain: spec?.subdomain, port });
}

interface Whereabouts {
  readonly ip: string | undefined;
  readonly hostname: string | undefined;
  /** Name of the headless Service that governs the pod. */
  readonly subdomain: string | undefined;
  readonly port: number | undefined;
}

function point(naming: Naming, where: Whereabouts): readonly ContactPoint[] {
  const host = hostOf(naming, where);
  const port = where.port ?? naming.port;
  return isHost(host) && isPort(port) ? [contactPoint(host, port)] : [];
}

function hostOf(
  { mode, namespace, domain }: Naming,
  { ip, hostname, subdomain }: Whereabouts,
): string | undefined {
  if (mode === 'hostname') {
    return hostname && subdomain ? `${hostname}.${subdomain}.${namespace}.svc.${domain}` : undefined;
  }
  if (mode === 'ip' || ip === undefined) return ip;
  return `${ip.replace(/[.:]/g, '-')}.${namespace}.pod.${domain}`;
}

/** The API leaves out lists that are empty, or says null. */
function listOf<Item>(list: readonly Item[] | null | undefined): readonly Item[] {
  return Array.isArray(list) ? (list as readonly Item[]) : [];
}
