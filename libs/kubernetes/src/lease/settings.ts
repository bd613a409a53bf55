/**
 * The settings of leadership by a Kubernetes Lease: option, variable and default of each, in one place.
 */
import { ClusterError, SettingReader, type Environment } from '@nest-cluster/core';
import type { LoadKubeConfig } from '../api/kube-access.js';
import { isNamespace, isObjectName } from '../api/names.js';
import { LEASE_SECONDS_MIN } from './lease-timing.js';

export interface KubernetesLeaseOptions {
  /** Name of the Lease, one per election. `CLUSTER_KUBERNETES_LEASE`, default `nest-cluster-<name of the cluster>`. */
  readonly name?: string;
  /** Namespace of the Lease. `CLUSTER_KUBERNETES_NAMESPACE`; default that of the pod, or of the kubeconfig's context. */
  readonly namespace?: string;
  /**
   * How long the lease of a leader that fell silent lasts, in whole seconds, from 2 to 3600. Shorter fails over sooner; longer
   * rides out longer outages of the API server, and writes less often: five times per lease.
   * `CLUSTER_KUBERNETES_LEASE_SECONDS`, default 10.
   */
  readonly leaseSeconds?: number;
  /** How to reach the API, in place of the pod's service account or `KUBECONFIG`. Called again when it is not accepted any more, or nobody answers. */
  readonly kubeConfig?: LoadKubeConfig;
}

export interface KubernetesLeaseSettings {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly leaseSeconds: number;
}

const LEASE_SECONDS_MAX = 3_600;

/** Throws `CLUSTER_OPTIONS_INVALID` with everything that is wrong. */
export function resolveLease(
  options: KubernetesLeaseOptions,
  env: Environment,
  cluster: string,
): KubernetesLeaseSettings {
  const reader = new SettingReader(env);
  const at = (name: keyof KubernetesLeaseOptions, variable: string) => ({
    option: `kubernetesLease.${name}`,
    variable,
    given: options[name],
  });
  const ofCluster = `nest-cluster-${cluster.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`;
  const nameRule =
    'a name as Kubernetes allows it: small letters, digits and dashes, with single dots between letters or digits';
  const settings: KubernetesLeaseSettings = {
    name: reader.text(at('name', 'CLUSTER_KUBERNETES_LEASE'), nameRule, isObjectName, ofCluster),
    namespace:
      reader.text(
        at('namespace', 'CLUSTER_KUBERNETES_NAMESPACE'),
        'the name of a namespace',
        isNamespace,
        '',
      ) || undefined,
    leaseSeconds: reader.integer(
      at('leaseSeconds', 'CLUSTER_KUBERNETES_LEASE_SECONDS'),
      LEASE_SECONDS_MIN,
      LEASE_SECONDS_MAX,
      10,
    ),
  };
  if (!isObjectName(settings.name))
    reader.problem({ ...at('name', 'CLUSTER_KUBERNETES_LEASE'), given: settings.name }, nameRule);
  if (reader.problems.length > 0) {
    const lines = reader.problems.map(
      ({ option, value, rule, variable }) =>
        `${option} (${variable}) is ${String(value)}, but must be ${rule}`,
    );
    throw new ClusterError('CLUSTER_OPTIONS_INVALID', lines.join('; '));
  }
  return settings;
}
