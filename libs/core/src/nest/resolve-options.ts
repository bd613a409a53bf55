/**
 * From what was given and the environment to settings that hold together, or to one error that lists everything that is
 * wrong. W2: without a secret or certificates only loopback may be bound, unless `insecure` lifts it.
 */
import {
  ClusterError,
  LEADERSHIP_DEFAULTS,
  MEMBERSHIP_DEFAULTS,
  type LeadershipOptions,
  type MembershipOptions,
} from '@nest-cluster/protocol';
import type { LinkSecurity } from '../engine/index.js';
import { TIMER_MAX_MS } from '../ports/surroundings.js';
import type { Environment } from '../ports/cluster-strategy.js';
import { isHost, parseContactPoint } from '../ports/contact-point.js';
import type { LeadershipOption, LeadershipProvider } from '../ports/leadership-provider.js';
import {
  DEFAULTS,
  type ClusterOptions,
  type ResolverSource,
  type StoreSettings,
  type StrategySource,
} from './cluster-options.js';
import {
  defaultClusterName,
  defaultNodeName,
  everyAddress,
  isLoopback,
  isName,
  NAME_RULE,
} from './node-address.js';
import { describeProblems, OptionReader } from './option-reader.js';
import { readSecurity } from './read-security.js';
import { givenOfLeadership, readLeadershipProvider } from './read-leadership-provider.js';
import { isDefinition, readStrategy } from './read-strategy.js';

const PORT_MAX = 65_535;

type Decided =
  | 'cluster'
  | 'insecure'
  | 'bind'
  | 'priority'
  | 'recovery'
  | 'minority'
  | 'waitForQuorum'
  | 'discoveryIntervalMs'
  | 'discoveryTimeoutMs'
  | 'shutdownTimeoutMs'
  | 'thread';

/** Left open here where the strategy has a say, at start. */
type Open = 'name' | 'size' | 'port' | 'dataPort' | 'advertise' | 'advertiseData' | 'transport';

export interface ResolvedOptions extends Required<Pick<ClusterOptions, Decided>>, Pick<ClusterOptions, Open> {
  readonly strategy: StrategySource;
  readonly security: LinkSecurity;
  readonly leadership: LeadershipOptions;
  /** Decides who leads in place of the nodes' own votes. */
  readonly leadershipProvider: LeadershipProvider | undefined;
  /** Options of leadership that somebody gave, with their variables. */
  readonly leadershipGiven: ReadonlyMap<LeadershipOption, string>;
  readonly membership: MembershipOptions;
  readonly store: StoreSettings;
  /** Decides between concurrent writes in place of their times. */
  readonly storeResolver: ResolverSource | undefined;
  /** How this node is called when neither an option nor the strategy says so; unlike any other's on this host. */
  readonly nameOfLastResort: string;
  readonly env: Environment;
}

/** Throws `CLUSTER_OPTIONS_INVALID` with every problem named. */
export function resolveOptions(given: ClusterOptions, env: Environment): ResolvedOptions {
  const reader = new OptionReader(given, env);
  const strategy = readStrategy(reader);
  const security = readSecurity(reader, env);
  const insecure = reader.flag(reader.at('insecure', 'CLUSTER_INSECURE'), DEFAULTS.insecure);
  const port = (option: string, variable: string) =>
    reader.integer(reader.at(option, variable), 0, PORT_MAX, undefined);
  const ms = (option: 'discoveryIntervalMs' | 'discoveryTimeoutMs' | 'shutdownTimeoutMs', variable: string) =>
    reader.integer(
      reader.at(option, variable),
      option === 'shutdownTimeoutMs' ? 0 : 100,
      TIMER_MAX_MS,
      DEFAULTS[option],
    );
  const resolved: ResolvedOptions = {
    strategy,
    security,
    insecure,
    env,
    nameOfLastResort: defaultNodeName(env),
    cluster: reader.text(reader.at('cluster', 'CLUSTER_NAME'), NAME_RULE, isName, defaultClusterName(env)),
    name: reader.text(reader.at('name', 'CLUSTER_NODE_NAME'), NAME_RULE, isName, undefined),
    size: reader.integer(reader.at('size', 'CLUSTER_SIZE'), 1, MEMBERSHIP_DEFAULTS.membersMax, undefined),
    bind: readBind(reader, security, insecure),
    port: port('port', 'CLUSTER_PORT'),
    advertise: readAdvertise(reader),
    advertiseData: reader.integer(
      reader.at('advertiseData', 'CLUSTER_ADVERTISE_DATA'),
      1,
      PORT_MAX,
      undefined,
    ),
    dataPort: port('dataPort', 'CLUSTER_DATA_PORT'),
    priority: reader.integer(reader.at('priority', 'CLUSTER_PRIORITY'), -1_000, 1_000, DEFAULTS.priority),
    recovery: reader.choice(
      reader.at('recovery', 'CLUSTER_RECOVERY'),
      ['automatic', 'manual'],
      DEFAULTS.recovery,
    ),
    minority: reader.choice(
      reader.at('minority', 'CLUSTER_MINORITY'),
      ['available', 'read-only'],
      DEFAULTS.minority,
    ),
    waitForQuorum: readWaitForQuorum(reader),
    discoveryIntervalMs: ms('discoveryIntervalMs', 'CLUSTER_DISCOVERY_INTERVAL_MS'),
    discoveryTimeoutMs: ms('discoveryTimeoutMs', 'CLUSTER_DISCOVERY_TIMEOUT_MS'),
    shutdownTimeoutMs: ms('shutdownTimeoutMs', 'CLUSTER_SHUTDOWN_TIMEOUT_MS'),
    thread: reader.choice(reader.at('thread', 'CLUSTER_THREAD'), ['worker', 'main'], DEFAULTS.thread),
    transport: given.transport,
    leadership: readLeadership(reader),
    leadershipProvider: readLeadershipProvider(reader),
    leadershipGiven: givenOfLeadership(reader),
    membership: readMembership(reader),
    store: readStore(reader),
    storeResolver: given.store?.resolver,
  };
  checkRelations(reader, resolved);
  for (const codeOnly of ['transport', 'store.resolver', 'imports']) reader.at(codeOnly);
  const problems = [...reader.allProblems(), ...(isDefinition(strategy) ? strategy.problems(env) : [])];
  if (problems.length > 0) throw new ClusterError('CLUSTER_OPTIONS_INVALID', describeProblems(problems));
  // Neither a log nor JSON shows secrets.
  for (const secret of ['security', 'env'] as const)
    Object.defineProperty(resolved, secret, { enumerable: false });
  return resolved;
}

function checkRelations(
  reader: OptionReader,
  { thread, transport, leadership, membership }: ResolvedOptions,
): void {
  if (leadership.renewMs >= leadership.leaseMs / 2) {
    const rule = `less than half of leadership.leaseMs, ${leadership.leaseMs / 2}`;
    reader.problem(reader.at('leadership.renewMs', 'CLUSTER_RENEW_MS'), rule);
  }
  if (membership.probeTimeoutMs >= membership.probeIntervalMs) {
    const rule = `less than membership.probeIntervalMs, ${membership.probeIntervalMs}`;
    reader.problem(
      reader.at('membership.probeTimeoutMs', variableOf('CLUSTER_MEMBERSHIP', 'probeTimeoutMs')),
      rule,
    );
  }
  if (membership.redialMinMs > membership.redialMaxMs) {
    const rule = `at most membership.redialMaxMs, ${membership.redialMaxMs}`;
    reader.problem(
      reader.at('membership.redialMinMs', variableOf('CLUSTER_MEMBERSHIP', 'redialMinMs')),
      rule,
    );
  }
  if (transport !== undefined && thread !== 'main') {
    reader.problem(reader.at('thread', 'CLUSTER_THREAD'), "'main' where a transport is given");
  }
}

function readBind(reader: OptionReader, security: LinkSecurity, insecure: boolean): string {
  const isSecured = security.kind !== 'plain';
  const setting = reader.at('bind', 'CLUSTER_BIND');
  const fallback = isSecured ? everyAddress() : '127.0.0.1';
  const bind = reader.text(setting, 'a host name or an address', isHost, fallback);
  if (!isSecured && !insecure && !isLoopback(bind)) {
    reader.problem(
      setting,
      'a loopback address while there is no secret: set `secret` (CLUSTER_SECRET), ' +
        'or `insecure: true` (CLUSTER_INSECURE) to let anybody join who reaches the port',
    );
  }
  return bind;
}

function readAdvertise(reader: OptionReader): string | undefined {
  const rule = 'a host, or host:port with IPv6 hosts in brackets';
  // A port is asked for only where there is none.
  const holds = (text: string) => parseContactPoint(text, 1) !== undefined;
  return reader.text(reader.at('advertise', 'CLUSTER_ADVERTISE'), rule, holds, undefined);
}

function readWaitForQuorum(reader: OptionReader): number | boolean {
  const accept = (value: unknown): number | boolean | undefined => {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    const ms = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
    return Number.isInteger(ms) && ms >= 0 && ms <= TIMER_MAX_MS ? ms : undefined;
  };
  const setting = reader.at('waitForQuorum', 'CLUSTER_WAIT_FOR_QUORUM');
  return reader.read(setting, 'true, false, or a number of milliseconds', accept, DEFAULTS.waitForQuorum);
}

/** A lease of another length is renewed as often in its life, and a stall is as large a part of it, but never shorter (L8). */
function readLeadership(reader: OptionReader): LeadershipOptions {
  const defaults = LEADERSHIP_DEFAULTS;
  const ms = (name: string, variable: string, min: number, fallback: number) =>
    reader.integer(reader.at(`leadership.${name}`, variable), min, 3_600_000, fallback);
  const leaseMs = ms('leaseMs', 'CLUSTER_LEASE_MS', 200, defaults.leaseMs);
  const stretch = leaseMs / defaults.leaseMs;
  return {
    leaseMs,
    renewMs: ms('renewMs', 'CLUSTER_RENEW_MS', 10, Math.round(defaults.renewMs * stretch)),
    stallMs: ms('stallMs', 'CLUSTER_STALL_MS', 100, Math.round(defaults.stallMs * Math.max(stretch, 1))),
    candidate: reader.flag(reader.at('leadership.candidate', 'CLUSTER_CANDIDATE'), defaults.candidate),
    stableViewMs: ms('stableViewMs', 'CLUSTER_STABLE_VIEW_MS', 0, defaults.stableViewMs),
  };
}

function readMembership(reader: OptionReader): MembershipOptions {
  const at = (name: keyof MembershipOptions) =>
    reader.at(`membership.${name}`, variableOf('CLUSTER_MEMBERSHIP', name));
  const whole = (name: keyof MembershipOptions, min: number, max: number) =>
    reader.integer(at(name), min, max, MEMBERSHIP_DEFAULTS[name]);
  const stretch = (value: unknown) => {
    const factor = Number(value);
    return factor >= 1 && factor <= 100 ? factor : undefined;
  };
  const { suspicionStretch } = MEMBERSHIP_DEFAULTS;
  return {
    probeIntervalMs: whole('probeIntervalMs', 10, 600_000),
    probeTimeoutMs: whole('probeTimeoutMs', 5, 600_000),
    indirectProbes: whole('indirectProbes', 0, 32),
    suspicionMs: whole('suspicionMs', 10, 3_600_000),
    suspicionStretch: reader.read(
      at('suspicionStretch'),
      'a number from 1 to 100',
      stretch,
      suspicionStretch,
    ),
    gossipIntervalMs: whole('gossipIntervalMs', 10, 600_000),
    gossipFanout: whole('gossipFanout', 1, 64),
    syncIntervalMs: whole('syncIntervalMs', 10, 3_600_000),
    degradedAfterMs: whole('degradedAfterMs', 100, 3_600_000),
    redialMinMs: whole('redialMinMs', 10, 3_600_000),
    redialMaxMs: whole('redialMaxMs', 10, 3_600_000),
    rememberMs: whole('rememberMs', 1_000, TIMER_MAX_MS),
    membersMax: whole('membersMax', 2, 65_536),
  };
}

function readStore(reader: OptionReader): StoreSettings {
  const whole = (name: keyof StoreSettings, min: number, max: number) =>
    reader.integer(
      reader.at(`store.${name}`, variableOf('CLUSTER_STORE', name)),
      min,
      max,
      DEFAULTS.store[name],
    );
  return {
    maxValueBytes: whole('maxValueBytes', 1, 16 * 1_048_576),
    writeTimeoutMs: whole('writeTimeoutMs', 10, 3_600_000),
    writesMax: whole('writesMax', 1, 10_000_000),
    clockIntervalMs: whole('clockIntervalMs', 20, 60_000),
  };
}

/** `probeIntervalMs` is set by `CLUSTER_MEMBERSHIP_PROBE_INTERVAL_MS`. */
function variableOf(prefix: string, name: string): string {
  return `${prefix}_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
