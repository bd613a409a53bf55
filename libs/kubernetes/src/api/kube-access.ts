/**
 * Where the API server is and how this process proves itself to it: the pod's service account, or a kubeconfig file. The
 * client library does the reading, so that everything `kubectl` understands works; it is loaded only when it is needed.
 */
import { existsSync, statSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterError, type Environment } from '@nest-cluster/core';
import { StrayRejections } from './stray-rejections.js';

type Client = typeof import('@kubernetes/client-node');

/** Reads the configuration; called again when the server does not accept it any more, or does not answer. */
export type LoadKubeConfig = () => KubeConfig | Promise<KubeConfig>;

/** Loaded once, even in vain. */
let client: Promise<Client> | undefined;

/** The default: the files of `KUBECONFIG` if it is set, else the service account of the pod. */
export function kubeConfigFrom(env: Environment): LoadKubeConfig {
  return async () => {
    client ??= loadClient();
    const { KubeConfig } = await client;
    const files = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
    if (files.length > 0) return mergedFiles(files, KubeConfig);
    if (!env['KUBERNETES_SERVICE_HOST']) {
      throw invalid(
        'no Kubernetes API is in sight: this process runs in no pod (KUBERNETES_SERVICE_HOST is not set), and KUBECONFIG names no file',
      );
    }
    const config = new KubeConfig();
    config.loadFromCluster();
    return config;
  };
}

/**
 * As kubectl does: the first file that says something wins, be it the current context or an entry of a name, and files
 * that are not there are left out.
 */
function mergedFiles(files: readonly string[], KubeConfig: Client['KubeConfig']): KubeConfig {
  const found = files.filter((file) => existsSync(file));
  if (found.length === 0) throw invalid(`KUBECONFIG names no file that exists: ${files.join(', ')}`);
  const configs = found.map((file) => {
    const config = new KubeConfig();
    // An empty file says nothing.
    if (statSync(file).size > 0) config.loadFromFile(file);
    return config;
  });
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: firstOfEach(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEach(configs.flatMap(({ users }) => users)),
    contexts: firstOfEach(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.find(({ currentContext }) => currentContext)?.currentContext,
  });
  return config;
}

function firstOfEach<Entry extends { readonly name: string }>(entries: readonly Entry[]): readonly Entry[] {
  const byName = new Map<string, Entry>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()];
}

async function loadClient(): Promise<Client> {
  const stray = new StrayRejections();
  try {
    return await import('@kubernetes/client-node');
  } catch (cause) {
    await stray.handle(cause);
    throw new ClusterError(
      'CLUSTER_OPTIONS_INVALID',
      '@kubernetes/client-node cannot be loaded: npm install @kubernetes/client-node@1 (2.x needs Node 22.15)',
      { cause },
    );
  } finally {
    stray.end();
  }
}

function invalid(message: string): ClusterError {
  return new ClusterError('CLUSTER_OPTIONS_INVALID', message);
}
