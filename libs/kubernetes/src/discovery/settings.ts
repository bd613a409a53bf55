/**
 * The settings of discovery through the Kubernetes API: option, variable and default of each, in one place.
 */
import { isHost, SettingReader, type Environment, type OptionProblem } from '@nest-cluster/core';
import type { LoadKubeConfig } from '../api/kube-access.js';
import { isNamespace, isObjectName } from '../api/names.js';

export interface KubernetesOptions {
  /**
   * Label selector of what to look up, such as `app=shop`. Endpoint slices carry the labels of their Service, and
   * `kubernetes.io/service-name`. `CLUSTER_KUBERNETES_SELECTOR`, no default.
   */
  readonly selector?: string;
  /** Namespace to look in. `CLUSTER_KUBERNETES_NAMESPACE`; default that of the pod, or of the kubeconfig's context. */
  readonly namespace?: string;
  /**
   * `endpoints` reads the endpoint slices of a Service, which tell the port too; `pods` needs no Service.
   * `CLUSTER_KUBERNETES_LOOKUP`, default `endpoints`.
   */
  readonly lookup?: Lookup;
  /**
   * How contact points are written: by `ip`; by `dns`, `1-2-3-4.<namespace>.pod.<domain>`; or by `hostname`,
   * `<hostname>.<service>.<namespace>.svc.<domain>`, which only pods with a subdomain have. `CLUSTER_KUBERNETES_MODE`, default `ip`.
   */
  readonly mode?: Mode;
  /** First part of this node's name, `<basename>@<name of the pod>`. `CLUSTER_KUBERNETES_NODE_BASENAME`, default `cluster`. */
  readonly basename?: string;
  /**
   * Name of the pod, as the downward API tells it (`metadata.name`). `CLUSTER_KUBERNETES_POD_NAME`; default what the token of the
   * service account says.
   */
  readonly podName?: string;
  /** Domain of the cluster's DNS. `CLUSTER_DOMAIN`, default `cluster.local`. */
  readonly domain?: string;
  /**
   * How long a watch may say nothing before it is given up and begun anew, in milliseconds. Servers send a bookmark about
   * once a minute; below that, lists are read for nothing. `CLUSTER_KUBERNETES_WATCH_SILENCE_MS`, default 100000.
   */
  readonly watchSilenceMs?: number;
  /** How to reach the API, in place of the pod's service account or `KUBECONFIG`. Called again when it is not accepted any more, or nobody answers. */
  readonly kubeConfig?: LoadKubeConfig;
}

export const LOOKUPS = ['endpoints', 'pods'] as const;
export const MODES = ['ip', 'dns', 'hostname'] as const;
export type Lookup = (typeof LOOKUPS)[number];
export type Mode = (typeof MODES)[number];

export interface KubernetesSettings {
  readonly selector: string;
  /** Undefined: the one that the API's configuration names. */
  readonly namespace: string | undefined;
  readonly lookup: Lookup;
  readonly mode: Mode;
  readonly basename: string;
  readonly podName: string | undefined;
  readonly domain: string;
  readonly watchSilenceMs: number;
}

const BASENAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

export function resolveKubernetes(
  options: KubernetesOptions,
  env: Environment,
): { readonly settings: KubernetesSettings; readonly problems: readonly OptionProblem[] } {
  const reader = new SettingReader(env);
  const at = (name: keyof KubernetesOptions, variable: string) => ({
    option: `kubernetes.${name}`,
    variable,
    given: options[name],
  });
  const selector = at('selector', 'CLUSTER_KUBERNETES_SELECTOR');
  const selectorRule = 'a label selector, such as app=shop';
  if (reader.given(selector) === undefined) reader.problem(selector, selectorRule);
  const isSelector = (text: string): boolean => text.trim() !== '' && text.length <= 1_000;
  const settings: KubernetesSettings = {
    selector: reader.text(selector, selectorRule, isSelector, ''),
    namespace:
      reader.text(
        at('namespace', 'CLUSTER_KUBERNETES_NAMESPACE'),
        'the name of a namespace',
        isNamespace,
        '',
      ) || undefined,
    lookup: reader.read(
      at('lookup', 'CLUSTER_KUBERNETES_LOOKUP'),
      'endpoints or pods',
      oneOf(LOOKUPS),
      'endpoints',
    ),
    mode: reader.read(at('mode', 'CLUSTER_KUBERNETES_MODE'), 'ip, dns or hostname', oneOf(MODES), 'ip'),
    basename: reader.text(
      at('basename', 'CLUSTER_KUBERNETES_NODE_BASENAME'),
      'letters, digits, dots, dashes and underscores, at most 63',
      (text) => BASENAME.test(text),
      'cluster',
    ),
    podName: reader.text(
      at('podName', 'CLUSTER_KUBERNETES_POD_NAME'),
      'the name of a pod',
      isObjectName,
      undefined,
    ),
    domain: reader.text(at('domain', 'CLUSTER_DOMAIN'), 'a DNS domain', isHost, 'cluster.local'),
    watchSilenceMs: reader.integer(
      at('watchSilenceMs', 'CLUSTER_KUBERNETES_WATCH_SILENCE_MS'),
      100,
      3_600_000,
      100_000,
    ),
  };
  return { settings, problems: reader.problems };
}

function oneOf<Word extends string>(words: readonly Word[]): (value: unknown) => Word | undefined {
  return (value) => words.find((word) => word === value);
}
