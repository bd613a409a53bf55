/**
 * The objects that discovery looks up, as the control plane would write them.
 */
export interface Endpoint {
  readonly ip: string;
  readonly hostname?: string;
  readonly conditions?: {
    readonly ready?: boolean;
    readonly serving?: boolean;
    readonly terminating?: boolean;
  };
}

export const slices = (namespace: string): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
export const pods = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
export const leases = (namespace: string): string =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

export function endpointSlice(name: string, endpoints: readonly Endpoint[], port?: number): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { app: 'shop', 'kubernetes.io/service-name': 'shop' } },
    addressType: endpoints.some(({ ip }) => ip.includes(':')) ? 'IPv6' : 'IPv4',
    endpoints: endpoints.map(({ ip, hostname, conditions }) => ({
      addresses: [ip],
      conditions: conditions ?? { ready: true, serving: true, terminating: false },
      ...(hostname && { hostname }),
    })),
    ports: [
      { name: 'http', port: 3000, protocol: 'TCP' },
      ...(port === undefined ? [] : [{ name: 'cluster', port, protocol: 'TCP' }]),
    ],
  };
}

export function pod(
  name: string,
  ip: string | undefined,
  more: { phase?: string; deletionTimestamp?: string } = {},
): object {
  const { phase = 'Running', deletionTimestamp } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'shop' }, ...(deletionTimestamp && { deletionTimestamp }) },
    spec: {
      hostname: name,
      subdomain: 'shop',
      containers: [{ name: 'app', image: 'shop', ports: [{ name: 'cluster', containerPort: 45_893 }] }],
    },
    status: { phase, ...(ip && { podIP: ip }) },
  };
}
