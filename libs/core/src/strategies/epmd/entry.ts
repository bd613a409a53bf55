/**
 * What a node writes beside its name at the port mapper, so that nodes of its cluster know it among all others.
 */
import type { StrategyContext } from '../../ports/cluster-strategy.js';
import { isHost } from '../../ports/contact-point.js';
import type { Registration } from './registrar.js';

export interface Entry {
  readonly cluster: string;
  readonly incarnation: string;
  /** Where the node says that it is reached; undefined: where its port mapper is. */
  readonly host: string | undefined;
}

const WILDCARDS = new Set(['0.0.0.0', '::']);
const NAME_LENGTH_MAX = 200;

/**
 * The node's name up to its `@`, as Erlang has it; when another program of the host has that name, the same with a part of the
 * incarnation.
 */
export function writeEntry({ cluster, self }: StrategyContext): Registration {
  const readable =
    self.name
      .split('@', 1)[0]
      ?.replace(/[^\w.-]/g, '-')
      .slice(0, NAME_LENGTH_MAX) || 'node';
  const extra = JSON.stringify({ nestCluster: cluster, incarnation: self.incarnation, host: self.host });
  return {
    names: [readable, `${readable}-${self.incarnation.slice(0, 8)}`],
    port: self.port,
    extra: Buffer.from(extra),
  };
}

/** Undefined for what no node of ours wrote. */
export function readEntry(extra: Buffer): Entry | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(extra.toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { nestCluster: cluster, incarnation, host }: Partial<Record<string, unknown>> = { ...parsed };
  if (typeof cluster !== 'string' || typeof incarnation !== 'string') return undefined;
  return { cluster, incarnation, host: isHost(host) && !WILDCARDS.has(host) ? host : undefined };
}
