/**
 * Nodes are pods: found through the Kubernetes API, by label (D1, D2, D4).
 *
 * When things fail: while the API does not answer, `discover` fails, the contacts found last stay in use, and the API is
 * asked again with growing pauses. Rotated tokens are read again; a list that the server has forgotten is read anew; a watch
 * that falls silent is given up. What a missed event would have said comes with the next list.
 */
import { Logger } from '@nestjs/common';
import type { ClusterStrategy, ContactPoint, StrategyContext, StrategyDefinition } from '@nest-cluster/core';
import { kubeConfigFrom, type LoadKubeConfig } from '../api/kube-access.js';
import { withAnySignal } from '../api/any-signal.js';
import { KubernetesApi } from '../api/kubernetes-api.js';
import { Reflector } from '../api/reflector.js';
import { isRefused, LATE, Troubles } from '../api/troubles.js';
import { ofEndpointSlice, ofPod, type Naming } from './contact-points.js';
import { nodeNameOf } from './pod-name.js';
import { resolveKubernetes, type KubernetesOptions, type KubernetesSettings } from './settings.js';

/** Nodes are the pods that a label selector names. Options not given come from `CLUSTER_KUBERNETES_*`. */
export function kubernetes(options: KubernetesOptions = {}): StrategyDefinition {
  return {
    name: 'kubernetes',
    problems: (env) => resolveKubernetes(options, env).problems,
    create: (env) =>
      new KubernetesStrategy(
        resolveKubernetes(options, env).settings,
        options.kubeConfig ?? kubeConfigFrom(env),
        env['KUBERNETES_SERVICE_HOST'] !== undefined,
      ),
  };
}

export class KubernetesStrategy implements ClusterStrategy {
  readonly name = 'kubernetes';
  private watching: Watching | undefined;
  private nodeName: string | undefined;

  constructor(
    private readonly settings: KubernetesSettings,
    private readonly load: LoadKubeConfig,
    private readonly isInPod: boolean,
  ) {}

  /** Of a pod alone: on a developer's machine, the node has its own way to a name. */
  identity(): { readonly name?: string } {
    if (this.isInPod) this.nodeName ??= nodeNameOf(this.settings);
    return this.nodeName === undefined ? {} : { name: this.nodeName };
  }

  async start(context: StrategyContext): Promise<void> {
    await this.stop();
    const api = new KubernetesApi(this.load);
    const own = await api.namespace();
    const namespace = this.settings.namespace ?? own ?? 'default';
    this.watching = new Watching(api, { ...this.settings, namespace, port: context.self.port }, context);
  }

  async discover(signal: AbortSignal): Promise<readonly ContactPoint[]> {
    return (await this.watching?.discover(signal)) ?? [];
  }

  async stop(): Promise<void> {
    const { watching } = this;
    this.watching = undefined;
    await watching?.close();
  }
}

/** One life of the strategy: the copy of the API's list, and the contact points in it. */
class Watching {
  private readonly closing = new AbortController();
  private readonly reflector: Reflector<readonly ContactPoint[]>;
  private running: Promise<void> | undefined;
  private contacts: readonly ContactPoint[] = [];

  constructor(
    api: KubernetesApi,
    naming: Naming & Pick<KubernetesSettings, 'selector' | 'lookup' | 'watchSilenceMs'>,
    private readonly context: StrategyContext,
  ) {
    const { lookup, namespace, selector } = naming;
    const [path, read] = lookup === 'pods' ? ([PODS, ofPod] as const) : ([SLICES, ofEndpointSlice] as const);
    const troubles = new Troubles(
      new Logger('ClusterKubernetes'),
      `${lookup} of ${selector} in ${namespace}`,
      DEEDS,
    );
    this.reflector = new Reflector(api, {
      path: path(encodeURIComponent(namespace)),
      labelSelector: selector,
      timing: { silenceMs: naming.watchSilenceMs },
      read: (object) => read(object, naming),
      changed: (kept) => this.changed([...new Set([...kept.values()].flat())]),
      watched: () => troubles.succeeded('watch'),
      // `discover` tells the rest, as the answer to whoever asks.
      failed: (error, during) => {
        if (during === 'watch' && isRefused(error)) troubles.failed('watch', error, LATE);
      },
    });
  }

  /** From the copy while it follows the server; otherwise from the server itself, whose failure is then the answer. */
  async discover(signal: AbortSignal): Promise<readonly ContactPoint[]> {
    if (!this.reflector.isFresh)
      await withAnySignal([signal, this.closing.signal], (either) => this.reflector.list(either));
    this.running ??= this.reflector.run(this.closing.signal);
    return this.contacts;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private changed(contacts: readonly ContactPoint[]): void {
    const isNew = contacts.some((contact) => !this.contacts.includes(contact));
    this.contacts = contacts;
    if (isNew && this.running !== undefined && !this.closing.signal.aborted) this.context.found(contacts);
  }
}

const DEEDS = { watch: 'be watched' };
const PODS = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
const SLICES = (namespace: string): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
