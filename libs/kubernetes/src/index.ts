// Discovery and leadership through the Kubernetes API.
export { KubernetesApiError } from './api/api-error.js';
export type { LoadKubeConfig } from './api/kube-access.js';
export { kubernetes } from './discovery/kubernetes.strategy.js';
export type { KubernetesOptions, Lookup, Mode } from './discovery/settings.js';
export { kubernetesLease } from './lease/kubernetes-lease.js';
export { TOKEN_ANNOTATION } from './lease/lease-record.js';
export type { KubernetesLeaseOptions } from './lease/settings.js';
