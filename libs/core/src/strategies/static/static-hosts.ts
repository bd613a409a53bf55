/**
 * Nodes at addresses that never change (D1), which are then exactly the voters (L5).
 *
 * When things fail: there is nothing to ask that could. A host that is down is dialled again and again by the cluster itself; a
 * node that is not in the list can join through those that are, but never votes, and notes that.
 */
import { hostname } from 'node:os';
import type {
  ClusterStrategy,
  ContactPoint,
  Environment,
  OptionProblem,
  StrategyContext,
  StrategyDefinition,
} from '../../ports/cluster-strategy.js';
import { CONTROL_PORT, contactPoint, parseContactPoint } from '../../ports/contact-point.js';
import { SettingReader } from '../../ports/setting-reader.js';

export interface StaticHostsOptions {
  /** `host:port` of every node, as an array or with commas between; without a port 45893. `CLUSTER_HOSTS`, no default. */
  readonly hosts?: string | readonly string[];
}

/** The nodes are those at the given addresses. Options not given come from `CLUSTER_HOSTS`. */
export function staticHosts(options: StaticHostsOptions = {}): StrategyDefinition {
  return {
    name: 'static',
    create: (env) => new StaticStrategy(resolve(options, env).hosts),
    problems: (env) => resolve(options, env).problems,
  };
}

class StaticStrategy implements ClusterStrategy {
  readonly name = 'static';

  constructor(private readonly hosts: readonly ContactPoint[]) {}

  start(context: StrategyContext): void {
    const { self } = context;
    const own = contactPoint(self.host, self.port);
    if (this.hosts.includes(own) || this.hosts.includes(self.name)) return;
    context.note?.(
      `${own} is not in CLUSTER_HOSTS, so this node has no vote: say how it stands there with CLUSTER_ADVERTISE`,
    );
  }

  discover(): Promise<readonly ContactPoint[]> {
    return Promise.resolve(this.hosts);
  }

  voters(): readonly string[] {
    return this.hosts;
  }

  /** A node that stands in the list by this machine's name is to be known by it. */
  identity(): { readonly host?: string } {
    const own = this.hosts.map((text) => parseContactPoint(text)?.host).find(isThisMachine);
    return own === undefined ? {} : { host: own };
  }
}

function isThisMachine(host: string | undefined): boolean {
  return host?.toLowerCase() === hostname().toLowerCase();
}

function resolve(
  options: StaticHostsOptions,
  env: Environment,
): { readonly hosts: readonly ContactPoint[]; readonly problems: readonly OptionProblem[] } {
  const reader = new SettingReader(env);
  const setting = { option: 'static.hosts', variable: 'CLUSTER_HOSTS', given: options.hosts };
  const rule = 'addresses of all nodes, host:port with commas between';
  const texts = reader.list(setting, rule, (item) => parseContactPoint(item, CONTROL_PORT) !== undefined);
  if (texts.length === 0 && reader.problems.length === 0) reader.problem(setting, rule);
  const points = texts.flatMap((text) => {
    const parsed = parseContactPoint(text, CONTROL_PORT);
    return parsed ? [contactPoint(parsed.host, parsed.port)] : [];
  });
  return { hosts: [...new Set(points)], problems: reader.problems };
}
