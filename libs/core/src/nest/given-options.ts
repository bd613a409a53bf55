/**
 * What a factory gave in place of options, before any of them is read.
 */
import { ClusterError } from '@nest-cluster/protocol';
import type { ClusterOptions, StrategySource } from './cluster-options.js';
import { isSource } from './read-strategy.js';

/** Throws `CLUSTER_OPTIONS_INVALID` for what is neither options nor a strategy: types do not hold what a configuration gives. */
export function optionsOf(given: ClusterOptions | StrategySource): ClusterOptions {
  const unchecked: unknown = given;
  if (isSource(unchecked)) return { strategy: unchecked };
  if (isOptions(unchecked)) return unchecked;
  throw new ClusterError(
    'CLUSTER_OPTIONS_INVALID',
    `useFactory of ClusterModule.forRootAsync() gave ${show(unchecked)}; it must give options, which may be {}, or a strategy`,
  );
}

function isOptions(value: unknown): value is ClusterOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text is not shown: it may be a secret. */
function show(value: unknown): string {
  if (value === undefined || value === null) return `nothing (${value})`;
  if (Array.isArray(value)) return 'a list';
  return `a ${typeof value}`;
}
