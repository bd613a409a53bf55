/**
 * Nodes at addresses that never change (D1), which are then exactly the voters (L5).
 *
 * When things fail: there is nothing to ask that could. A host that is down is dialled again and again by the cluster itself; a
 * node that is not in the list can join through those that are, but never votes.
 */
import type {
  ClusterStrategy,
  ContactPoint,
  Environment,
  OptionProblem,
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

  discover(): Promise<readonly ContactPoint[]> {
    return Promise.resolve(this.hosts);
  }

  voters(): readonly string[] {
    return this.hosts;
  }
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
