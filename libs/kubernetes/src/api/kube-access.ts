/**
 * Where the API server is and how this process proves itself to it: the pod's service account, or a kubeconfig file. The
 * client library does the reading, so that everything `kubectl` understands works; it is loaded only when it is needed.
 */
import { delimiter } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterError, type Environment } from '@nest-cluster/core';

/** Reads the configuration; called again when the server does not accept it any more. */
export type LoadKubeConfig = () => KubeConfig | Promise<KubeConfig>;

/** The default: the files of `KUBECONFIG` if it is set, else the service account of the pod. */
export function kubeConfigFrom(env: Environment): LoadKubeConfig {
  return async () => {
    const { KubeConfig } = await loadClient();
    const config = new KubeConfig();
    const [first, ...others] = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
    if (first !== undefined) {
      config.loadFromFile(first);
      for (const file of others) {
        const more = new KubeConfig();
        more.loadFromFile(file);
        config.mergeConfig(more);
      }
    } else if (env['KUBERNETES_SERVICE_HOST']) {
      config.loadFromCluster();
    } else {
      throw new ClusterError(
        'CLUSTER_OPTIONS_INVALID',
        'no Kubernetes API is in sight: this process runs in no pod (KUBERNETES_SERVICE_HOST is not set), and KUBECONFIG names no file',
      );
    }
    return config;
  };
}

async function loadClient(): Promise<typeof import('@kubernetes/client-node')> {
  try {
    return await import('@kubernetes/client-node');
  } catch (cause) {
    throw new ClusterError(
      'CLUSTER_OPTIONS_INVALID',
      '@kubernetes/client-node cannot be loaded: npm install @kubernetes/client-node@1 (2.x needs Node 22.15)',
      { cause },
    );
  }
}
