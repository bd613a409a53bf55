/**
 * What a written history may fix about its cluster; everything else is as calm as can be.
 */
import { LEADERSHIP_DEFAULTS, MEMBERSHIP_DEFAULTS } from '@nest-cluster/protocol';
import type { StoreOptions } from '@nest-cluster/protocol';
import { CALM } from '../conditions.js';
import type { Settings } from '../settings.js';

export interface HistoryOptions {
  /** One letter for each node. */
  readonly nodes: string;
  readonly seed?: number;
  /** How many nodes the deployment says there are; as many as are named by default, `null` when it does not say. */
  readonly size?: number | null;
  /** The only nodes with a vote. */
  readonly voters?: string;
  readonly leaseMs?: number;
  readonly store?: Partial<StoreOptions>;
  /** Milliseconds by which the wall clock of a node is ahead of true time. */
  readonly clocks?: Readonly<Record<string, number>>;
}

/** Hosts that no node is named for, for those that come later. */
const SPARE_HOSTS = 4;

export function settingsOf({
  nodes,
  seed = 1,
  size = nodes.length,
  voters,
  leaseMs = 2_000,
  clocks = {},
}: HistoryOptions): Settings {
  const hosts = Array.from({ length: nodes.length + SPARE_HOSTS }, (_, index) => nodes[index] ?? '');
  return {
    seed,
    minutes: 0,
    nodes: nodes.length,
    size: voters === undefined ? (size ?? undefined) : undefined,
    voters: voters?.split(''),
    membership: MEMBERSHIP_DEFAULTS,
    leadership: { ...LEADERSHIP_DEFAULTS, leaseMs, renewMs: leaseMs / 4, stallMs: leaseMs * 0.6 },
    weather: CALM,
    rates: hosts.map(() => 1),
    wallOffsets: hosts.map((name) => clocks[name] ?? 0),
    acts: undefined,
  };
}
