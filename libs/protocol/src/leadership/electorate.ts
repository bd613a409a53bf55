/**
 * Who votes, and how many votes make a quorum (L5). A majority of the nodes seen at the moment is never one.
 */
import type { Guarantee, Member } from '../event.js';
import { outlasting } from '../instant.js';
import { seatAmong, type NodeInfo, type NodeName } from '../node.js';
import { arrivals, farewells, type View } from './attendance.js';

export interface Electorate {
  readonly guarantee: Guarantee;
  /** How many nodes are expected (M7). */
  readonly expected: number;
  /** Distinct votes needed; Infinity while that is not known yet. */
  readonly quorum: number;
  /** What identifies this node's vote, the same over restarts; undefined when it has none. */
  seat(node: NodeInfo): string | undefined;
  /** Whether these seats are every voter there can be. */
  isEverybody(seats: ReadonlySet<string>): boolean;
  /** Takes in a changed view, or the passing of time. */
  observe(view: View, now: number): void;
  nextDeadline(): number;
}

export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
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

/** The deployment names the voters, by node name or by address. */
export class NamedElectorate implements Electorate {
  readonly guarantee = 'quorum';
  readonly expected: number;
  readonly quorum: number;

  constructor(private readonly voters: ReadonlySet<string>) {
    this.expected = voters.size;
    this.quorum = majority(voters.size);
  }

  seat(node: NodeInfo): string | undefined {
    return seatAmong(this.voters, node);
  }

  isEverybody(seats: ReadonlySet<string>): boolean {
    return seats.size >= this.expected;
  }

  observe(): void {}

  nextDeadline(): number {
    return Infinity;
  }
}

/** How many names were up here and went without a goodbye: gone, or out of sight and voting somewhere else. */
function outOfSight(members: readonly Member[]): number {
  // Of one name, the life that began last comes last, and it alone can still be there.
  const last = new Map(members.map((member) => [member.node.name, member]));
  return [...last.values()].filter(({ status, upSince }) => status === 'down' && upSince > 0).length;
}

/**
 * Only the number is known, and any node votes. More nodes than that at once raise it; it falls back when some of them say
 * goodbye, but not before every lease that they voted for is over, and not below those that may be there unseen: nodes
 * that come and go on one side of a partition take nothing from the other.
 */
export class SizedElectorate implements Electorate {
  readonly guarantee = 'quorum';
  private peak: number;
  private readonly goodbyes: number[] = [];
  private upCount = 0;

  constructor(
    private readonly size: number,
    private readonly outlastLeaseMs: number,
  ) {
    this.peak = size;
  }

  get expected(): number {
    return this.peak;
  }

  get quorum(): number {
    return majority(this.peak);
  }

  seat(node: NodeInfo): string {
    return node.name;
  }

  isEverybody(seats: ReadonlySet<string>): boolean {
    // Where there are more than the deployment said, nobody knows how many there are.
    return this.peak === this.size && seats.size === this.size;
  }

  observe(view: View, now: number): void {
    const { upCount } = view;
    this.upCount = upCount;
    this.goodbyes.push(...farewells(view).map(() => now + this.outlastLeaseMs));
    this.goodbyes.splice(this.peak);
    while (this.goodbyes.length > 0 && (this.goodbyes[0] ?? Infinity) <= now) {
      this.goodbyes.shift();
      const mayBeThere = upCount + outOfSight(view.members());
      this.peak = Math.max(this.size, Math.min(this.peak, Math.max(this.peak - 1, mayBeThere)));
    }
    this.peak = Math.max(this.peak, upCount);
  }

  nextDeadline(): number {
    return this.goodbyes[0] ?? Infinity;
  }
}

/**
 * Nothing is known but what is seen: the last stable view counts. It grows at once, and shrinks only on the side that kept
 * most of it, where nodes that said goodbye are no part of it. Two sides that never met can both have a leader, so the
 * guarantee is no more than best effort.
 */
export class ObservedElectorate implements Electorate {
  readonly guarantee = 'best-effort';
  private stable = 0;
  private upCount = 0;
  /** Names that said goodbye since the view was stable, and did not come back. */
  private readonly departed = new Set<NodeName>();
  private settlesAt: number;

  constructor(
    startedAt: number,
    private readonly stableViewMs: number,
  ) {
    this.settlesAt = startedAt + stableViewMs;
  }

  get expected(): number {
    return Math.max(1, this.stable, this.upCount);
  }

  get quorum(): number {
    return this.stable === 0 ? Infinity : majority(this.stable);
  }

  seat(node: NodeInfo): string {
    return node.name;
  }

  isEverybody(): boolean {
    return false;
  }

  observe(view: View, now: number): void {
    const { upCount } = view;
    for (const { node } of farewells(view)) {
      if (this.departed.size < this.stable) this.departed.add(node.name);
    }
    for (const { node } of arrivals(view)) this.departed.delete(node.name);
    if (upCount !== this.upCount) this.settlesAt = now + this.stableViewMs;
    this.upCount = upCount;
    if (this.stable > 0 && upCount > this.stable) this.stable = upCount;
    if (now < this.settlesAt) return;
    this.settlesAt = Infinity;
    if (this.stable > 0 && upCount < majority(this.stable - this.departed.size)) return;
    this.stable = upCount;
    this.departed.clear();
  }

  nextDeadline(): number {
    return this.settlesAt;
  }
}
