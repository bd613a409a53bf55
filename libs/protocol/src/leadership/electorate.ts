/**
 * Who votes, and how many votes make a quorum (L5). A majority of the nodes seen at the moment is never one.
 */
import type { Guarantee, Member } from '../event.js';
import type { NodeInfo } from '../node.js';

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
  observe(members: readonly Member[], now: number): void;
  nextDeadline(): number;
}

export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}

export function isUp(member: Member): boolean {
  return member.status !== 'down' && member.status !== 'left';
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
    if (this.voters.has(node.name)) return node.name;
    return this.voters.has(node.address) ? node.address : undefined;
  }

  isEverybody(seats: ReadonlySet<string>): boolean {
    return seats.size >= this.expected;
  }

  observe(): void {}

  nextDeadline(): number {
    return Infinity;
  }
}

/**
 * Only the number is known, and any node votes. More nodes than that at once raise it; it falls back when some of them say
 * goodbye, but not before every lease that they voted for is over.
 */
export class SizedElectorate implements Electorate {
  readonly guarantee = 'quorum';
  private peak: number;
  private readonly goodbyes: number[] = [];
  private up: ReadonlySet<string> = new Set();

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
    return seats.size >= this.peak && this.up.size <= this.peak;
  }

  observe(members: readonly Member[], now: number): void {
    const up = new Set(members.filter(isUp).map((member) => member.node.incarnation as string));
    for (const member of members) {
      if (
        member.status === 'left' &&
        this.up.has(member.node.incarnation) &&
        this.goodbyes.length < this.peak
      ) {
        this.goodbyes.push(now + this.outlastLeaseMs);
      }
    }
    this.up = up;
    while (this.goodbyes.length > 0 && (this.goodbyes[0] ?? Infinity) <= now) {
      this.goodbyes.shift();
      this.peak = Math.max(this.size, this.peak - 1);
    }
    this.peak = Math.max(this.peak, up.size);
  }

  nextDeadline(): number {
    return this.goodbyes[0] ?? Infinity;
  }
}

/**
 * Nothing is known but what is seen: the last stable view counts. It grows at once, and shrinks only on the side that kept
 * most of it. Two sides that never met can both have a leader, so the guarantee is no more than best effort.
 */
export class ObservedElectorate implements Electorate {
  readonly guarantee = 'best-effort';
  private stable = 0;
  private up = 0;
  private settlesAt: number;

  constructor(
    startedAt: number,
    private readonly stableViewMs: number,
  ) {
    this.settlesAt = startedAt + stableViewMs;
  }

  get expected(): number {
    return Math.max(1, this.stable, this.up);
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

  observe(members: readonly Member[], now: number): void {
    const up = members.filter(isUp).length;
    if (up !== this.up) {
      this.up = up;
      this.settlesAt = now + this.stableViewMs;
      if (this.stable > 0 && up > this.stable) this.stable = up;
    }
    if (now < this.settlesAt) return;
    this.settlesAt = Infinity;
    if (this.stable === 0 || up >= majority(this.stable)) this.stable = up;
  }

  nextDeadline(): number {
    return this.settlesAt;
  }
}
