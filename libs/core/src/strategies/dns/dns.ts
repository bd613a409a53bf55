/**
 * Nodes behind one DNS name: its addresses (A, AAAA) at a port that all share, or its SRV records, which carry ports (D1, D2).
 * The name is asked anew with every discovery, and also soon after the answer's time to live ends, not by all nodes at once.
 *
 * When things fail: a name that does not exist, or has no records of the type, means that nobody is there, and the list
 * is empty; the first is noted. A server that fails, refuses or does not answer says nothing about the nodes: `discover` fails, so that
 * the error is counted and the contact points found before stay in use (D3). Search domains are not applied: give the full name.
 */
import type { RecordWithTtl } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type {
  ClusterStrategy,
  ContactPoint,
  Environment,
  OptionProblem,
  StrategyContext,
  StrategyDefinition,
} from '../../ports/cluster-strategy.js';
import { CONTROL_PORT, contactPoint, isHost, isPort, parseContactPoint } from '../../ports/contact-point.js';
import { SettingReader } from '../../ports/setting-reader.js';

export interface DnsOptions {
  /** Full name to ask for, such as `shop.prod.svc.cluster.local`. `CLUSTER_DNS_QUERY`, no default. */
  readonly query?: string;
  /** `A`, `AAAA` or `SRV`. `CLUSTER_DNS_TYPE`, default `A`. */
  readonly type?: DnsType;
  /** Control port of all nodes, for `A` and `AAAA`. `CLUSTER_DNS_PORT`, default: the same as this node's. */
  readonly port?: number;
  /**
   * DNS servers to ask instead of the system's, each `address` or `address:port`, also for the hosts that SRV records name.
   * `CLUSTER_DNS_SERVERS`, with commas between.
   */
  readonly servers?: string | readonly string[];
}

export type DnsType = 'A' | 'AAAA' | 'SRV';

interface Settings {
  readonly query: string;
  readonly type: DnsType;
  readonly port: number | undefined;
  readonly servers: readonly string[];
}

interface Answer {
  readonly contacts: readonly ContactPoint[];
  /** Shortest time to live among the addresses, in seconds; infinite without any, as the resolver tells none for SRV. */
  readonly ttl: number;
}

type Located = Pick<RecordWithTtl, 'address' | 'ttl'>;

/** One try, and the try after it, take this long at most, in milliseconds. */
const QUERY = { timeout: 2_000, tries: 2 };
/** How soon and how late an answer is asked for anew when its time to live ends, in milliseconds. */
const REFRESH_MS = { min: 5_000, max: 50_000 };
/** By how much of it later, at most: nodes that share a cache would otherwise all ask at the same moment. */
const JITTER = 0.2;
/** More records than this are not taken from one answer (W5). */
const RECORDS_MAX = 4_096;
/** Hosts of SRV records that are looked up; further ones are left to whoever dials them. */
const TARGETS_MAX = 256;

/** The nodes are those that a DNS name stands for. Options not given come from `CLUSTER_DNS_*`. */
export function dns(options: DnsOptions = {}): StrategyDefinition {
  return {
    name: 'dns',
    create: (env) => new DnsStrategy(resolve(options, env).settings),
    problems: (env) => resolve(options, env).problems,
  };
}

class DnsStrategy implements ClusterStrategy {
  readonly name = 'dns';
  private context: StrategyContext | undefined;
  private refresh: NodeJS.Timeout | undefined;

  constructor(private readonly settings: Settings) {}

  start(context: StrategyContext): void {
    this.context = context;
  }

  async discover(signal: AbortSignal): Promise<readonly ContactPoint[]> {
    signal.throwIfAborted();
    const resolver = new Resolver(QUERY);
    if (this.settings.servers.length > 0) resolver.setServers(this.settings.servers);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const { contacts, ttl } = await (this.settings.type === 'SRV'
        ? this.services(resolver)
        : this.hosts(resolver));
      if (Number.isFinite(ttl)) this.refreshAfter(ttl * 1_000);
      return contacts;
    } catch (error) {
      return this.nobody(codeOf(error), error);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  stop(): void {
    clearTimeout(this.refresh);
    this.context = undefined;
  }

  private async hosts(resolver: Resolver): Promise<Answer> {
    const { query, type } = this.settings;
    const port = this.settings.port ?? this.context?.self.port ?? CONTROL_PORT;
    const answer = await (type === 'A'
      ? resolver.resolve4(query, { ttl: true })
      : resolver.resolve6(query, { ttl: true }));
    const records = answer.slice(0, RECORDS_MAX);
    return { contacts: records.map(({ address }) => contactPoint(address, port)), ttl: shortest(records) };
  }

  /** Their hosts stay names, for the system to look up, unless servers were given: then only those may know them. */
  private async services(resolver: Resolver): Promise<Answer> {
    const answer = await resolver.resolveSrv(this.settings.query);
    const records = answer.filter(({ name, port }) => isHost(name) && isPort(port)).slice(0, RECORDS_MAX);
    records.sort((a, b) => a.priority - b.priority);
    const unknown = this.settings.servers.length > 0 ? records.map(({ name }) => name) : [];
    const found = await locate(resolver, [...new Set(unknown)].slice(0, TARGETS_MAX));
    const contacts = records.flatMap(({ name, port }) => {
      const addresses = found.get(name)?.map(({ address }) => address) ?? [];
      return (addresses.length > 0 ? addresses : [name]).map((host) => contactPoint(host, port));
    });
    return { contacts, ttl: shortest([...found.values()].flat()) };
  }

  /** An empty list where the answer is that there is none; everything else is no answer. */
  private nobody(code: string, cause: unknown): readonly ContactPoint[] {
    const { query, type } = this.settings;
    if (code === 'ENODATA') return [];
    if (code === 'ENOTFOUND') {
      this.context?.note?.(`the DNS name ${query} does not exist (yet): check CLUSTER_DNS_QUERY`);
      return [];
    }
    throw new Error(`DNS gave no answer to ${type} ${query}: ${code}`, { cause });
  }

  private refreshAfter(ttlMs: number): void {
    clearTimeout(this.refresh);
    const { context } = this;
    if (!context) return;
    const afterMs = Math.min(Math.max(ttlMs, REFRESH_MS.min), REFRESH_MS.max);
    this.refresh = setTimeout(() => context.wake(), afterMs * (1 + JITTER * Math.random()));
  }
}

/** The addresses of each host; none where these servers know none. */
async function locate(
  resolver: Resolver,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, readonly Located[]>> {
  const found = hosts.map(async (host) => {
    const families = [resolver.resolve4(host, { ttl: true }), resolver.resolve6(host, { ttl: true })];
    const answers = await Promise.allSettled(families);
    return [host, answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))] as const;
  });
  return new Map(await Promise.all(found));
}

function shortest(records: readonly Located[]): number {
  return Math.min(...records.map(({ ttl }) => ttl));
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}

function resolve(
  options: DnsOptions,
  env: Environment,
): { readonly settings: Settings; readonly problems: readonly OptionProblem[] } {
  const reader = new SettingReader(env);
  const setting = (name: keyof DnsOptions, variable: string) => ({
    option: `dns.${name}`,
    variable,
    given: options[name],
  });
  const query = setting('query', 'CLUSTER_DNS_QUERY');
  reader.require(query, 'the DNS name of the nodes');
  const servers = reader.list(
    setting('servers', 'CLUSTER_DNS_SERVERS'),
    'IP addresses of DNS servers, with commas between',
    (item) => serverOf(item) !== undefined,
  );
  const settings: Settings = {
    query: reader.text(query, 'the DNS name of the nodes', isHost, ''),
    type: reader.read(setting('type', 'CLUSTER_DNS_TYPE'), 'A, AAAA or SRV', typeOf, 'A'),
    port: reader.port(setting('port', 'CLUSTER_DNS_PORT'), undefined),
    servers: servers.flatMap((item) => serverOf(item) ?? []),
  };
  return { settings, problems: reader.problems };
}

function typeOf(value: unknown): DnsType | undefined {
  const type = String(value).toUpperCase();
  return type === 'A' || type === 'AAAA' || type === 'SRV' ? type : undefined;
}

function serverOf(text: string): string | undefined {
  const parsed = isIP(text) ? { host: text, port: 53 } : parseContactPoint(text, 53);
  return parsed && isIP(parsed.host) ? contactPoint(parsed.host, parsed.port) : undefined;
}
