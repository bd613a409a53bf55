/**
 * The pods of a Kubernetes StatefulSet, by the names that its headless Service gives them (D1). Names are known before any
 * pod has an address, so they are the voters (L5), and a pod's name is its node's name.
 *
 * When things fail: nothing is asked here, so nothing can. A name that has no address yet (its pod is not scheduled, or
 * not ready and the Service does not set `publishNotReadyAddresses`) is a dial that fails and is tried again.
 */
import type {
  ClusterStrategy,
  ContactPoint,
  Environment,
  OptionProblem,
  StrategyContext,
  StrategyDefinition,
} from '../../ports/cluster-strategy.js';
import { CONTROL_PORT, contactPoint, isHost } from '../../ports/contact-point.js';
import { SettingReader } from '../../ports/setting-reader.js';

export interface StatefulSetOptions {
  /** How many pods the StatefulSet has. `CLUSTER_SIZE`, no default. */
  readonly size?: number;
  /** Namespace of the pods. `CLUSTER_NAMESPACE`, no default. */
  readonly namespace?: string;
  /** Name of the headless Service and of the StatefulSet. `CLUSTER_SERVICE`, no default. */
  readonly service?: string;
  /** The cluster's DNS domain. `CLUSTER_DOMAIN`, default `cluster.local`. */
  readonly domain?: string;
  /** Name of the StatefulSet where it differs from the Service's. `CLUSTER_STATEFULSET`, default the Service's. */
  readonly statefulSet?: string;
  /** Control port of all pods. Default: the same as this node's. */
  readonly port?: number;
}

interface Settings {
  readonly size: number;
  readonly namespace: string;
  readonly service: string;
  readonly domain: string;
  readonly statefulSet: string;
  readonly port: number | undefined;
  readonly hostname: string | undefined;
}

/** The nodes are the pods of a StatefulSet. Options not given come from `CLUSTER_SIZE`, `CLUSTER_NAMESPACE`, `CLUSTER_SERVICE`, … */
export function statefulSet(options: StatefulSetOptions = {}): StrategyDefinition {
  return {
    name: 'statefulset',
    create: (env) => new StatefulSetStrategy(resolve(options, env).settings),
    problems: (env) => resolve(options, env).problems,
  };
}

class StatefulSetStrategy implements ClusterStrategy {
  readonly name = 'statefulset';
  private readonly pods: readonly string[];
  private ownPort = CONTROL_PORT;

  constructor(private readonly settings: Settings) {
    this.pods = Array.from({ length: settings.size }, (_, ordinal) => `${settings.statefulSet}-${ordinal}`);
  }

  start(context: StrategyContext): void {
    this.ownPort = context.self.port;
    if (this.pods.includes(context.self.name)) return;
    const { statefulSet: set, size } = this.settings;
    context.note?.(
      `${context.self.name} is none of the ${size} pods of StatefulSet ${set}, so it has no vote: check HOSTNAME, CLUSTER_SIZE and CLUSTER_STATEFULSET`,
    );
  }

  discover(): Promise<readonly ContactPoint[]> {
    const port = this.settings.port ?? this.ownPort;
    return Promise.resolve(this.pods.map((pod) => contactPoint(this.hostOf(pod), port)));
  }

  voters(): readonly string[] {
    return this.pods;
  }

  identity(): { readonly name?: string; readonly host?: string } {
    const { hostname, statefulSet: set } = this.settings;
    if (hostname === undefined || !hostname.startsWith(`${set}-`)) return {};
    return /^\d+$/.test(hostname.slice(set.length + 1))
      ? { name: hostname, host: this.hostOf(hostname) }
      : {};
  }

  private hostOf(pod: string): string {
    const { service, namespace, domain } = this.settings;
    return `${pod}.${service}.${namespace}.svc.${domain}`;
  }
}

function resolve(
  options: StatefulSetOptions,
  env: Environment,
): { readonly settings: Settings; readonly problems: readonly OptionProblem[] } {
  const reader = new SettingReader(env);
  const setting = (name: keyof StatefulSetOptions, variable?: string) => ({
    option: `statefulSet.${name}`,
    given: options[name],
    ...(variable ? { variable } : {}),
  });
  const required = (name: 'namespace' | 'service', variable: string, rule: string): string => {
    reader.require(setting(name, variable), rule);
    return reader.text(setting(name, variable), rule, isLabel, '');
  };
  reader.require(setting('size', 'CLUSTER_SIZE'), 'the number of pods of the StatefulSet');
  const size = reader.integer(setting('size', 'CLUSTER_SIZE'), 1, 1_000, 0);
  const namespace = required('namespace', 'CLUSTER_NAMESPACE', 'the namespace of the pods');
  const service = required('service', 'CLUSTER_SERVICE', 'the name of the headless Service');
  const settings: Settings = {
    size,
    namespace,
    service,
    domain: reader.text(setting('domain', 'CLUSTER_DOMAIN'), 'a DNS domain', isHost, 'cluster.local'),
    statefulSet: reader.text(
      setting('statefulSet', 'CLUSTER_STATEFULSET'),
      'the name of a StatefulSet',
      isLabel,
      service,
    ),
    port: reader.port(setting('port'), undefined),
    hostname: env['HOSTNAME']?.trim() || undefined,
  };
  return { settings, problems: reader.problems };
}

/** What Kubernetes takes as a name that becomes part of a DNS name (RFC 1123). */
function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}
