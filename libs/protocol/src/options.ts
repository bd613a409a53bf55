/**
 * The settings of the protocol, each with unit, default and trade-off, in one place.
 */

export interface MembershipOptions {
  /** How often this node probes one member, in milliseconds. Shorter finds silence sooner and costs more traffic (M3, M6). */
  readonly probeIntervalMs: number;
  /** How long a probe may stay unanswered before others are asked to try, in milliseconds. Stretched by local health. */
  readonly probeTimeoutMs: number;
  /** How many others are asked to probe a member that did not answer. */
  readonly indirectProbes: number;
  /** Shortest time between suspecting and declaring dead, in milliseconds; grows with log10 of the member count (M3, M4). */
  readonly suspicionMs: number;
  /** How many times longer a suspicion lasts that nobody else confirms. */
  readonly suspicionStretch: number;
  /** How often waiting claims are repeated to others, in milliseconds. */
  readonly gossipIntervalMs: number;
  /** How many members hear a claim directly, per gossip round. */
  readonly gossipFanout: number;
  /** Shortest time between two push/pulls that this node starts, in milliseconds. */
  readonly syncIntervalMs: number;
  /** Application lag from which this node says that it is degraded, in milliseconds (M4). */
  readonly degradedAfterMs: number;
  /** First and longest wait before a member that failed is dialled again, in milliseconds (D2). */
  readonly redialMinMs: number;
  readonly redialMaxMs: number;
  /** How long members that went away are remembered and dialled, in milliseconds (D2, P1). */
  readonly rememberMs: number;
  /** How many members, past and present, are kept at most (W5). */
  readonly membersMax: number;
}

export const MEMBERSHIP_DEFAULTS: MembershipOptions = {
  probeIntervalMs: 500,
  probeTimeoutMs: 300,
  indirectProbes: 3,
  suspicionMs: 2_000,
  suspicionStretch: 3,
  gossipIntervalMs: 200,
  gossipFanout: 4,
  syncIntervalMs: 2_000,
  degradedAfterMs: 1_000,
  redialMinMs: 500,
  redialMaxMs: 15_000,
  rememberMs: 24 * 3_600_000,
  membersMax: 4_096,
};

export interface LeadershipOptions {
  /** How long a lease lasts, in milliseconds. Shorter fails over sooner and tolerates shorter pauses (L6). */
  readonly leaseMs: number;
  /** How often the holder renews, in milliseconds; a quarter of the lease by default. */
  readonly renewMs: number;
  /** Application lag at which the holder stops renewing, in milliseconds (L8). */
  readonly stallMs: number;
  /** A node that is not a candidate votes but never leads. */
  readonly candidate: boolean;
  /** How long a view must stay unchanged to count as stable, in milliseconds; used only when neither names nor a size are known (L5). */
  readonly stableViewMs: number;
}

export const LEADERSHIP_DEFAULTS: LeadershipOptions = {
  leaseMs: 2_000,
  renewMs: 500,
  stallMs: 1_200,
  candidate: true,
  stableViewMs: 3_000,
};
