/**
 * Who votes, and how many votes make a quorum (L5). A majority of the nodes seen at the moment is never one.
 */
import type { Guarantee } from '../event.js';
import { outlasting } from '../instant.js';
import type { Roll } from '../message.js';
import type { Incarnation, NodeInfo } from '../node.js';
import type { View } from './attendance.js';
import { NamedElectorate } from './named-electorate.js';
import { ObservedElectorate } from './observed-electorate.js';
import { SizedElectorate } from './sized-electorate.js';

export { majority } from './majority.js';
export { ObservedElectorate } from './observed-electorate.js';
export { SizedElectorate } from './sized-electorate.js';

export interface Electorate {
  readonly guarantee: Guarantee;
  /** How many nodes are expected (M7). */
  readonly expected: number;
  /** Distinct votes needed; Infinity while that is not known yet. */
  readonly quorum: number;
  /** How many voters there can be at most; Infinity when nobody knows. */
  readonly everybody: number;
  /** What identifies this node's vote, the same over restarts; undefined when it has none. */
  seat(node: NodeInfo): string | undefined;
  /** Takes in a changed view, or the passing of time. */
  observe(view: View, now: number): void;
  nextDeadline(): number;
  /** What a request says of the voters; undefined where nothing was ever agreed. */
  readonly roll: Roll | undefined;
  /** Told whether nobody has led for long, so that something may be wrong with the roll. */
  leaderless(isLong: boolean): void;
  /** Called by the holder with each request to accept: confirms the roll for its term, then changes it by one node at a time. */
  amend(term: number, now: number): void;
  /** A quorum accepted a request with this roll. */
  granted(roll: Roll | undefined): void;
  /** Takes over a newer roll. False when this node must not vote for a request that came with this one. */
  admits(roll: Roll | undefined): boolean;
  /** A voter turned a request down, because it has this roll. */
  turnedDown(roll: Roll, by: Incarnation, now: number): void;
  /** What a voter that turned a request down says of the voters. */
  answer(): Roll | undefined;
}

export interface ElectorateConfig {
  /** Voters by name or address; takes precedence over `size`. */
  readonly voters?: readonly string[];
  readonly size?: number;
  readonly options: { readonly leaseMs: number; readonly stableViewMs: number };
}

/** What the deployment says decides who votes (L5). */
export function chooseElectorate({ voters, size, options }: ElectorateConfig, now: number): Electorate {
  if (voters && voters.length > 0) return new NamedElectorate(new Set(voters));
  if (size !== undefined) return new SizedElectorate(size, outlasting(options.leaseMs));
  return new ObservedElectorate(now, options.stableViewMs);
}
