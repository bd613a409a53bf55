/**
 * Which strategy is meant: one that a factory described, one's own, a class for Nest to build, or a name from the
 * environment. `kubernetes` is a package of its own and loaded only when it is named.
 */
import type { ClusterStrategy, StrategyDefinition } from '../ports/cluster-strategy.js';
import { dns, epmd, gossip, staticHosts, statefulSet } from '../strategies/index.js';
import { DEFAULTS, STRATEGY_NAMES, type StrategyName, type StrategySource } from './cluster-options.js';
import type { OptionReader } from './option-reader.js';
import { hasMethod, KUBERNETES, madeBy } from './optional-package.js';

export function readStrategy(reader: OptionReader): StrategySource {
  const setting = reader.at('strategy', 'CLUSTER_STRATEGY');
  if (isSource(setting.given)) return setting.given;
  const name = reader.choice<StrategyName, 'gossip'>(setting, STRATEGY_NAMES, DEFAULTS.strategy);
  if (name !== 'kubernetes') return FACTORIES[name]();
  const loaded = madeBy(KUBERNETES, 'kubernetes', isDefinition);
  if (loaded !== undefined) return loaded;
  reader.problem(setting, `installed: npm install ${KUBERNETES} @kubernetes/client-node`);
  return FACTORIES[DEFAULTS.strategy]();
}

export function isDefinition(value: unknown): value is StrategyDefinition {
  return hasMethod(value, 'create') && hasMethod(value, 'problems');
}

export function isStrategy(value: unknown): value is ClusterStrategy {
  return hasMethod(value, 'discover');
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
