/**
 * Every setting of the module: what it means, its unit, its default, what a change costs, and its variable. Given options
 * go before variables, variables before defaults.
 */
import type { ModuleMetadata, Type } from '@nestjs/common';
import {
  LEADERSHIP_DEFAULTS,
  MEMBERSHIP_DEFAULTS,
  STORE_DEFAULTS,
  type LeadershipOptions,
  type MembershipOptions,
} from '@nest-cluster/protocol';
import type { TransportFactory } from '../engine/index.js';
import type { ClusterStrategy, StrategyDefinition } from '../ports/cluster-strategy.js';
import type { LeadershipProvider } from '../ports/leadership-provider.js';
import type { Transport } from '../ports/transport.js';
import type { ConflictResolver } from './conflict-resolver.js';

export const STRATEGY_NAMES = ['gossip', 'epmd', 'dns', 'statefulset', 'static', 'kubernetes'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** What one of the factories returned, a strategy of one's own, or its class for Nest to build. */
export type StrategySource = StrategyDefinition | ClusterStrategy | Type<ClusterStrategy>;

export interface ClusterOptions {
  /** How contact points are found. `CLUSTER_STRATEGY` names one of the strategies. Default `gossip`. */
  readonly strategy?: StrategySource | StrategyName;
  /**
   * Name of the cluster; clusters of different names never mix. `CLUSTER_NAME`; default: the name in the application's
   * `package.json`, or `default` where there is none. In Jest and Vitest `<package>-test-<process id>`.
   */
  readonly cluster?: string;
  /**
   * Stable name of this node, unlike any other's in the cluster. `CLUSTER_NODE_NAME`; default
   * `<CLUSTER_NODE_BASENAME or package name>-<process id>@<host>`, without the process id where it is 1.
   */
  readonly name?: string;
  /**
   * How many nodes the deployment has. Leadership needs the votes of more than half of them; without it, and without names
   * known from the strategy, the guarantee of leadership is `best-effort`. `CLUSTER_SIZE`, unset by default.
   */
  readonly size?: number;
  /**
   * What all nodes know and nobody else: links are proved and encrypted with it. Of several, the first seals and all open,
   * so that a rolling restart can replace it. `CLUSTER_SECRET`, comma-separated, or a file named by `CLUSTER_SECRET_FILE`.
   * Without a secret only loopback is bound.
   */
  readonly secret?: string | readonly string[];
  /** Mutual TLS in place of a secret, each in PEM. Files: `CLUSTER_TLS_CA_FILE`, `CLUSTER_TLS_CERT_FILE`, `CLUSTER_TLS_KEY_FILE`. */
  readonly certificates?: CertificateOptions;
  /** Lets a node without a secret bind more than loopback; anybody who reaches the port may join. `CLUSTER_INSECURE`, default false. */
  readonly insecure?: boolean;
  /** Address to bind. `CLUSTER_BIND`; loopback without a secret, else all addresses. */
  readonly bind?: string;
  /** Port of the control plane, 0 for any free one. `CLUSTER_PORT`; 0 where discovery tells it to others, else 45893. */
  readonly port?: number;
  /**
   * Where others reach this node: a host, or `host:port`, when that is not what is bound. `CLUSTER_ADVERTISE`; by default
   * the bound address, or the first external one when all are bound.
   */
  readonly advertise?: string;
  /** Port of the data plane. `CLUSTER_DATA_PORT`; `port` + 1 where the port is fixed, else any free one. */
  readonly dataPort?: number;
  /**
   * Port of the data plane as others see it, where that is another one, as with ports that a container publishes.
   * `CLUSTER_ADVERTISE_DATA`; by default the bound one.
   */
  readonly advertiseData?: number;
  /** Preference as leader; higher goes first, and never displaces a healthy leader. `CLUSTER_PRIORITY`, default 0. */
  readonly priority?: number;
  /** What happens after a partition: stores merge by themselves, or wait for an operator. `CLUSTER_RECOVERY`, default `automatic`. */
  readonly recovery?: 'automatic' | 'manual';
  /** What the minority side of a partition may do: write, or only read. `CLUSTER_MINORITY`, default `available`. */
  readonly minority?: 'available' | 'read-only';
  /**
   * Holds up the start of the application until there is a quorum: at most so many milliseconds, after which the start
   * fails, or for as long as it takes with `true`. `CLUSTER_WAIT_FOR_QUORUM`, default false.
   */
  readonly waitForQuorum?: number | boolean;
  /**
   * How often the strategy is asked while members are missing, in milliseconds; a third as often when all are there.
   * Shorter heals sooner and asks more. `CLUSTER_DISCOVERY_INTERVAL_MS`, default 5000.
   */
  readonly discoveryIntervalMs?: number;
  /** How long one answer of the strategy may take, in milliseconds. `CLUSTER_DISCOVERY_TIMEOUT_MS`, default 10000. */
  readonly discoveryTimeoutMs?: number;
  /**
   * How long a shutdown waits for leader work to end, in milliseconds. Longer lets work finish; the next leader starts only
   * after it. `CLUSTER_SHUTDOWN_TIMEOUT_MS`, default 10000.
   */
  readonly shutdownTimeoutMs?: number;
  /**
   * Where membership and leadership run. `worker`: a blocked application stays a member. `main`: for tests, and for
   * bundlers that cannot start a worker. `CLUSTER_THREAD`, default `worker`.
   */
  readonly thread?: 'worker' | 'main';
  /** In place of TCP, only with `thread: 'main'`; for tests. */
  readonly transport?: Transport | TransportFactory;
  /** See `LeadershipOptions`; `CLUSTER_LEASE_MS`, `CLUSTER_RENEW_MS`, `CLUSTER_STALL_MS`, `CLUSTER_CANDIDATE`, `CLUSTER_STABLE_VIEW_MS`. */
  readonly leadership?: Partial<LeadershipOptions> & {
    /**
     * An engine that decides who leads, in place of the nodes' own votes, such as `kubernetesLease()`.
     * `CLUSTER_LEADERSHIP` = `quorum` or `kubernetes`; default `quorum`, the nodes' votes.
     */
    readonly provider?: LeadershipProvider;
  };
  /** See `MembershipOptions`; `CLUSTER_MEMBERSHIP_PROBE_INTERVAL_MS` and so on. */
  readonly membership?: Partial<MembershipOptions>;
  readonly store?: Partial<StoreSettings> & {
    /** What becomes of concurrent writes to one key, the same on all nodes (S3). Default: the latest is taken. */
    readonly resolver?: ResolverSource;
  };
}

export interface CertificateOptions {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface StoreSettings {
  /**
   * Largest encoded value that this node writes, in bytes, at most 16 MiB. Larger values make longer pauses.
   * `CLUSTER_STORE_MAX_VALUE_BYTES`, default 1 MiB.
   */
  readonly maxValueBytes: number;
  /** How long a write waits for its acknowledgements, in milliseconds (S1). `CLUSTER_STORE_WRITE_TIMEOUT_MS`, default 5000. */
  readonly writeTimeoutMs: number;
  /** Writes that may wait for acknowledgements at once; one more is rejected. `CLUSTER_STORE_WRITES_MAX`, default 65536. */
  readonly writesMax: number;
  /**
   * How often replicas tell each other what they hold, in milliseconds: how soon a lost message is repaired.
   * `CLUSTER_STORE_CLOCK_INTERVAL_MS`, default 500.
   */
  readonly clockIntervalMs: number;
}

/** What decides between concurrent writes: an object, or a class that Nest builds. */
export type ResolverSource = ConflictResolver | Type<ConflictResolver>;

/** Options beside a strategy class whose dependencies come from other modules. */
export type ClusterModuleOptions = ClusterOptions & Pick<ModuleMetadata, 'imports'>;

export const DEFAULTS = {
  strategy: 'gossip',
  /** Where no package has a name. */
  cluster: 'default',
  port: 45_893,
  insecure: false,
  priority: 0,
  recovery: 'automatic',
  minority: 'available',
  waitForQuorum: false,
  discoveryIntervalMs: 5_000,
  discoveryTimeoutMs: 10_000,
  shutdownTimeoutMs: 10_000,
  thread: 'worker',
  leadership: LEADERSHIP_DEFAULTS,
  membership: MEMBERSHIP_DEFAULTS,
  store: {
    maxValueBytes: STORE_DEFAULTS.valueBytesMax,
    writeTimeoutMs: STORE_DEFAULTS.writeTimeoutMs,
    writesMax: STORE_DEFAULTS.writesMax,
    clockIntervalMs: STORE_DEFAULTS.clockIntervalMs,
  },
} as const;
