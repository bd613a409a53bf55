/**
 * Finds nodes through Erlang's port mapper, which knows the names and ports of a host's nodes (D1, D2, D4). Each node registers its
 * control port on its own host, and asks the hosts it was given. Where no `epmd` runs, one of the nodes does its work.
 *
 * What makes an entry one of ours is the note beside it, which names the cluster: Erlang nodes and other clusters at the
 * same port mapper are left alone. The port mapper proves nothing to anyone; the links do (W1).
 *
 * When things fail: a host whose port mapper does not answer is noted and asked again with the next discovery; with none
 * that answers, `discover` fails (D3). When the port mapper of this host ends, another node of the host takes over within
 * a fraction of a second, and all register again.
 */
import type {
  ClusterStrategy,
  ContactPoint,
  Environment,
  OptionProblem,
  StrategyContext,
  StrategyDefinition,
} from '../../ports/cluster-strategy.js';
import { contactPoint, isHost } from '../../ports/contact-point.js';
import { SettingReader } from '../../ports/setting-reader.js';
import { lookUp, names } from './epmd-client.js';
import { EPMD_PORT } from './epmd-protocol.js';
import { readEntry, writeEntry } from './entry.js';
import { Registrar } from './registrar.js';

export interface EpmdOptions {
  /**
   * Hosts to ask, or the names of all nodes (`shop@host1`), which are then the voters. `CLUSTER_EPMD_HOSTS`, with commas
   * between; default: this host alone.
   */
  readonly hosts?: string | readonly string[];
  /** Port of the port mapper, the same on all hosts. `CLUSTER_EPMD_PORT`, default 4369. */
  readonly port?: number;
}

interface Settings {
  readonly hosts: readonly string[];
  readonly voters: readonly string[];
  readonly port: number;
}

const hostOf = (item: string): string => item.slice(item.indexOf('@') + 1);

const HERE = '127.0.0.1';

/** Nodes find each other through Erlang's port mapper. Options not given come from `CLUSTER_EPMD_*`. */
export function epmd(options: EpmdOptions = {}): StrategyDefinition {
  return {
    name: 'epmd',
    create: (env) => new EpmdStrategy(resolve(options, env).settings),
    problems: (env) => resolve(options, env).problems,
  };
}

class EpmdStrategy implements ClusterStrategy {
  readonly name = 'epmd';
  readonly carriesPort = true;
  /** There when the names of all nodes were given (L5). */
  readonly voters?: () => readonly string[];
  private context: StrategyContext | undefined;
  private registrar: Registrar | undefined;

  constructor(private readonly settings: Settings) {
    if (settings.voters.length > 0) this.voters = () => settings.voters;
  }

  async start(context: StrategyContext): Promise<void> {
    await this.stop();
    this.context = context;
    const { port, hosts, voters } = this.settings;
    if (voters.length > 0 && !voters.includes(context.self.name))
      context.note?.(
        `${context.self.name} is none of the names in CLUSTER_EPMD_HOSTS, so it has no vote: check CLUSTER_NODE_NAME`,
      );
    // Nobody elsewhere asks this host when no hosts are named, or when there is no secret (W2).
    const mapperHost = context.loopbackOnly || hosts.length === 0 ? HERE : undefined;
    const note = (text: string): void => context.note?.(text);
    this.registrar = new Registrar({ host: HERE, port }, mapperHost, writeEntry(context), note);
    try {
      await this.registrar.register();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async discover(signal: AbortSignal): Promise<readonly ContactPoint[]> {
    const { context } = this;
    if (!context) return [];
    const hosts = [...new Set([HERE, ...this.settings.hosts])];
    const asked = await Promise.allSettled(hosts.map((host) => this.ask(host, context, signal)));
    const failures = asked.flatMap((one, at) =>
      one.status === 'rejected' ? [`${hosts[at]}: ${describe(one.reason)}`] : [],
    );
    if (failures.length === hosts.length)
      throw new Error(`no port mapper answered (port ${this.settings.port}): ${failures.join('; ')}`);
    if (failures.length > 0) context.note?.(`port mappers that do not answer: ${failures.join('; ')}`);
    return [...new Set(asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])))];
  }

  async stop(): Promise<void> {
    const { registrar } = this;
    this.registrar = undefined;
    this.context = undefined;
    await registrar?.stop();
  }

  /** The nodes of this cluster that are registered on a host, this node itself left out. */
  private async ask(host: string, context: StrategyContext, signal: AbortSignal): Promise<ContactPoint[]> {
    const daemon = { host, port: this.settings.port };
    const contacts: ContactPoint[] = [];
    for (const name of await names(daemon, signal)) {
      const registered = await lookUp(daemon, name, signal);
      const entry = registered && readEntry(registered.extra);
      if (entry?.cluster !== context.cluster || entry.incarnation === context.self.incarnation) continue;
      contacts.push(contactPoint(entry.host ?? host, registered?.port ?? 0));
    }
    return contacts;
  }
}

/** A host with several addresses fails with several errors, of which only the code tells anything. */
function describe(error: unknown): string {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode ? String(error.code) : String(error);
}

function resolve(
  options: EpmdOptions,
  env: Environment,
): { readonly settings: Settings; readonly problems: readonly OptionProblem[] } {
  const reader = new SettingReader(env);
  const setting = { option: 'epmd.hosts', variable: 'CLUSTER_EPMD_HOSTS', given: options.hosts };
  const rule = 'hosts, or the names of all nodes as name@host, with commas between';
  const items = reader.list(setting, rule, (item) => !item.startsWith('@') && isHost(hostOf(item)));
  const named = items.filter((item) => item.includes('@'));
  if (named.length > 0 && named.length < items.length) reader.problem(setting, rule);
  const port = { option: 'epmd.port', variable: 'CLUSTER_EPMD_PORT', given: options.port };
  const settings: Settings = {
    hosts: [...new Set(items.map(hostOf))],
    voters: [...new Set(named)],
    port: reader.port(port, EPMD_PORT),
  };
  return { settings, problems: reader.problems };
}
