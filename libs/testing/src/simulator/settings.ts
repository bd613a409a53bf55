/**
 * Everything that a seed decides before the first job runs; printed first, so that a report says what it is about.
 */
import { LEADERSHIP_DEFAULTS, MEMBERSHIP_DEFAULTS, seededRandom } from '@nest-cluster/protocol';
import type { LeadershipOptions, MembershipOptions, Random } from '@nest-cluster/protocol';
import type { Weather } from './conditions.js';
import { CALM } from './conditions.js';

export interface Settings {
  readonly seed: number;
  readonly minutes: number;
  readonly nodes: number;
  /** Either the size is known, or the names of the voters (L5). */
  readonly size: number | undefined;
  readonly voters: readonly string[] | undefined;
  readonly membership: MembershipOptions;
  readonly leadership: LeadershipOptions;
  readonly weather: Weather;
  /** Rate of each host's monotonic clock; one more host than nodes, to spare. */
  readonly rates: readonly number[];
  /** Milliseconds that each host's wall clock is ahead of true time. */
  readonly wallOffsets: readonly number[];
  /** The only acts to play, by name; all of them by default. */
  readonly acts: readonly string[] | undefined;
}

/** What a user may fix instead of leaving it to the seed. */
export interface Choice {
  readonly minutes?: number | undefined;
  readonly nodes?: number | undefined;
  readonly size?: number | undefined;
  readonly voters?: readonly string[] | undefined;
  readonly leaseMs?: number | undefined;
  readonly acts?: readonly string[] | undefined;
}

const LEASES_MS = [800, 1_000, 2_000, 2_000, 4_000, 10_000];

const WEATHERS: readonly Weather[] = [
  CALM,
  CALM,
  { ...CALM, duplication: 0.05, reordering: 0.2, tail: 0.01, tailMs: 50 },
  { ...CALM, delayMs: 4, jitterMs: 4, loss: 0.01, reordering: 0.1, duplication: 0.02, retransmits: false },
];

export const nameOf = (index: number): string => `node-${index}@host-${index}`;

export function pick<T>(items: readonly [T, ...T[]] | readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)] as T;
}

export function settingsOf(seed: number, choice: Choice = {}): Settings {
  const random = seededRandom(seed);
  const nodes = 3 + Math.floor(random() * 5);
  const votersKnown = random() < 0.5;
  const leaseMs = choice.leaseMs ?? pick(LEASES_MS, random);
  const weather = pick(WEATHERS, random);
  const extreme = random() < 0.5;
  const rates = Array.from(
    { length: 8 },
    () => 1 + 0.01 * (extreme ? Math.sign(random() - 0.5) : 2 * random() - 1),
  );
  const skewMs = random() < 0.5 ? 50 : 60_000;
  const wallOffsets = Array.from({ length: 8 }, () => Math.floor((2 * random() - 1) * skewMs));
  const count = choice.nodes ?? nodes;
  const names = Array.from({ length: random() < 0.5 ? 3 : count }, (_, index) => nameOf(index));
  const known = choice.voters ?? (votersKnown && choice.size === undefined ? names : undefined);
  return {
    seed,
    minutes: choice.minutes ?? 10,
    nodes: count,
    size: known ? undefined : (choice.size ?? count),
    voters: known,
    membership: MEMBERSHIP_DEFAULTS,
    leadership: { ...LEADERSHIP_DEFAULTS, leaseMs, renewMs: leaseMs / 4, stallMs: leaseMs * 0.6 },
    weather,
    rates: rates.slice(0, count + 1),
    wallOffsets: wallOffsets.slice(0, count + 1),
    acts: choice.acts,
  };
}

/** How many votes make a leader, as an outsider would count. */
export function quorumOf({ size, voters, nodes }: Settings): number {
  return Math.floor((voters?.length ?? size ?? nodes) / 2) + 1;
}
