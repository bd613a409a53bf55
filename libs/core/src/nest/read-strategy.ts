/**
 * Which strategy is meant: one that a factory described, one's own, a class for Nest to build, or a name from the
 * environment. `kubernetes` is a package of its own and loaded only when it is named.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ClusterStrategy, StrategyDefinition } from '../ports/cluster-strategy.js';
import { dns, epmd, gossip, staticHosts, statefulSet } from '../strategies/index.js';
import { DEFAULTS, STRATEGY_NAMES, type StrategyName, type StrategySource } from './cluster-options.js';
import type { OptionReader } from './option-reader.js';

const KUBERNETES = '@nest-cluster/kubernetes';

export function readStrategy(reader: OptionReader): StrategySource {
  const setting = reader.at('strategy', 'CLUSTER_STRATEGY');
  if (isSource(setting.given)) return setting.given;
  const name = reader.choice<StrategyName, 'gossip'>(setting, STRATEGY_NAMES, DEFAULTS.strategy);
  if (name !== 'kubernetes') return FACTORIES[name]();
  const loaded = loadKubernetes();
  if (loaded !== undefined) return loaded;
  reader.problem(setting, `installed: npm install ${KUBERNETES} @kubernetes/client-node`);
  return FACTORIES[DEFAULTS.strategy]();
}

export function isDefinition(value: unknown): value is StrategyDefinition {
  return has(value, 'create') && has(value, 'problems');
}

export function isStrategy(value: unknown): value is ClusterStrategy {
  return has(value, 'discover');
}

/** A definition, a strategy, or a class. */
export function isSource(value: unknown): value is StrategySource {
  return isDefinition(value) || isStrategy(value) || typeof value === 'function';
}

const FACTORIES: Readonly<Record<Exclude<StrategyName, 'kubernetes'>, () => StrategyDefinition>> = {
  gossip,
  epmd,
  dns,
  statefulset: statefulSet,
  static: staticHosts,
};

/** From the application's folders, since it is the application that installs the package. */
function loadKubernetes(): StrategyDefinition | undefined {
  for (const from of [process.argv[1], join(process.cwd(), 'package.json')]) {
    if (from === undefined) continue;
    try {
      const found: unknown = createRequire(from)(KUBERNETES);
      if (has(found, 'kubernetes')) {
        const definition: unknown = found.kubernetes();
        if (isDefinition(definition)) return definition;
      }
    } catch {
      // Not to be found from here.
    }
  }
  return undefined;
}

function has<Name extends string>(
  value: unknown,
  name: Name,
): value is Record<Name, (...args: never[]) => unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function';
}
