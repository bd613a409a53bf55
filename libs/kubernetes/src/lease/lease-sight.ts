/**
 * What one candidate has seen of the Lease, and what follows from it: when the Lease may be taken, and with which token.
 *
 * L1: a candidate waits for a whole lease from when it saw the last change, by its own monotonic clock. It does not wait only
 * for a Lease that its holder gave back. An absent Lease, one that was never held, and one whose holder is empty without
 * that mark may each have a living leader: somebody deleted or changed the object.
 */
import type { Instant, LeaderView, LeadershipSelf } from '@nest-cluster/core';
import { TOKEN_LIMIT, type Holder, type LeaseRecord } from './lease-record.js';
import type { LeaseTiming } from './lease-timing.js';

/** One that wants to lead, or only to follow who does. */
export type Candidacy = Holder & Pick<LeadershipSelf, 'candidate' | 'rank'>;

/** So many of a higher priority are waited for at most. */
const RANK_MAX = 5;

export class LeaseSight {
  private seen:
    { readonly lease: LeaseRecord | null; readonly at: number; readonly spread: number } | undefined;
  private tokenMax = 0;
  private leaseMsMax: number;

  constructor(
    private readonly candidacy: Candidacy,
    private readonly timing: LeaseTiming,
    private readonly random: () => number,
  ) {
    this.leaseMsMax = timing.leaseMs;
  }

  /** Null: there is none. Undefined: nothing was seen yet. */
  get lease(): LeaseRecord | null | undefined {
    return this.seen?.lease;
  }

  /** No greater token can be written, so nobody may lead until somebody mends the annotation (L3). */
  get isStuck(): boolean {
    return this.lease?.isTokenSpent === true || this.tokenMax + 1 >= TOKEN_LIMIT;
  }

  see(lease: LeaseRecord | null, now: Instant): void {
    if (lease) {
      if (!lease.isTokenSpent) this.sent(lease.token);
      this.leaseMsMax = Math.max(this.leaseMsMax, lease.durationMs);
    }
    if (this.seen && this.seen.lease?.version === lease?.version) return;
    // Those of a higher priority go first, but for the one that just led (L7).
    const rank = Math.min(this.candidacy.rank(this.seen?.lease?.holder?.incarnation), RANK_MAX);
    const spread = rank * this.timing.rankMs + this.random() * this.timing.spreadMs;
    this.seen = { lease, at: now.mono, spread };
  }

  /** A token that was sent counts as written, whatever the answer is. */
  sent(token: number): void {
    this.tokenMax = Math.max(this.tokenMax, token);
  }

  nextToken({ wall }: Instant): number {
    return Math.max(this.tokenMax + 1, Math.floor(wall));
  }

  /** Whether a state of the Lease is from before the one that was seen. */
  isOld(lease: LeaseRecord): boolean {
    return isOlder(lease, this.lease);
  }

  isOurs(lease: LeaseRecord, token = lease.token): boolean {
    return lease.holder?.incarnation === this.candidacy.incarnation && lease.token === token;
  }

  /** When this node may try to take the Lease. 0: it is the holder already, without leading. */
  takeoverAt(): number {
    if (!this.seen || !this.candidacy.candidate || this.isStuck) return Infinity;
    const { lease, at, spread } = this.seen;
    if (lease && this.isOurs(lease)) return 0;
    const wait = lease?.isGivenBack ? 0 : lease?.holder ? this.waitMs(lease) : this.leaseMsMax;
    return at + wait + spread;
  }

  /** Until when the holder that was seen, if it is another node, counts as the leader. */
  ledUntil(): number | undefined {
    const { lease, at = 0 } = this.seen ?? {};
    return lease?.holder && !this.isOurs(lease) ? at + this.waitMs(lease) : undefined;
  }

  /** The other node that leads, as far as was seen. */
  leader({ mono }: Instant): LeaderView | null {
    const { holder, token = 0 } = this.lease ?? {};
    return holder && mono < (this.ledUntil() ?? 0) ? { ...holder, token } : null;
  }

  /** At least a lease of this node's own length: somebody may have shortened what the object says. */
  private waitMs({ durationMs }: LeaseRecord): number {
    return durationMs === 0 ? this.leaseMsMax : Math.max(durationMs, this.timing.leaseMs);
  }
}

/** Versions are numbers in every server there is; where they are not, nothing counts as older. */
function isOlder(lease: LeaseRecord, known: LeaseRecord | null | undefined): boolean {
  if (!known || !/^\d+$/.test(lease.version) || !/^\d+$/.test(known.version)) return false;
  return BigInt(lease.version) < BigInt(known.version);
}
