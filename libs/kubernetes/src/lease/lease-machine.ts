/**
 * The election by a Lease object, as a machine that maps inputs to effects and does nothing itself (T2). At most one request
 * is under way at a time.
 *
 * L1, L4: the holder's deadline counts from when its request left, and is shorter than what others wait after the last change
 * that they *observed*, each by its own monotonic clock; no time that a server or another node wrote is ever compared. Every
 * write is a compare-and-swap. An absent Lease, and one that was never held, may have been deleted under a living holder,
 * and so is waited for like a held one. L3: each acquisition raises the token, above all that were seen and above the wall
 * clock, so that it grows also over a deleted object. L4: holders are incarnations; the lease goes back after the work.
 */
import {
  isClockJump,
  type Instant,
  type LeadershipSelf,
  type LeaderView,
  type LossReason,
} from '@nest-cluster/core';
import type { Holder, LeaseRecord } from './lease-record.js';
import { NO_GRANT, type Grant, type LeaseEffect, type LeaseInput } from './lease-step.js';
import type { LeaseTiming } from './lease-timing.js';

interface Request {
  readonly type: 'read' | 'acquire' | 'renew' | 'release';
  readonly token: number;
  readonly sent: Instant;
}

/** One that wants to lead, or only to follow who does. */
export type Candidacy = Holder & Pick<LeadershipSelf, 'candidate' | 'rank'>;

/** So many of a higher priority are waited for at most. */
const RANK_MAX = 5;

/** How often giving back is tried before the lease is left to run out. */
const RELEASE_TRIES = 3;

export class LeaseMachine {
  private seen:
    { readonly lease: LeaseRecord | null; readonly at: number; readonly spread: number } | undefined;
  private term: (Grant & { readonly renewed: Instant }) | undefined;
  private request: Request | undefined;
  /** Token of the term that ended while its work may still run. */
  private unfinished: number | undefined;
  private releaseTries = 0;
  private mustRead = true;
  private retryAt = 0;
  private readAt = 0;
  private holdOffUntil = 0;
  private failures = 0;
  private tokenMax = 0;
  private leaseMsMax: number;
  private isStopping = false;
  private hasStopped = false;
  private toldLeader: LeaderView | null = null;
  private effects: LeaseEffect[] = [];
  private readonly self: Holder;

  constructor(
    private readonly candidacy: Candidacy,
    private readonly timing: LeaseTiming,
    private readonly random: () => number,
  ) {
    const { name, incarnation } = candidacy;
    this.self = { name, incarnation };
    this.leaseMsMax = timing.leaseMs;
  }

  step(input: LeaseInput, now: Instant): LeaseEffect[] {
    if (this.hasStopped) return [];
    this.expire(now);
    this.take(input, now);
    this.act(now);
    this.tellLeader(now);
    return this.effects.splice(0);
  }

  /** Monotonic time of the next `tick`. */
  nextDeadline(): number {
    const { term, seen, request } = this;
    if (this.isStopping && request === undefined) return this.hasStopped ? Infinity : 0;
    const times = [term?.until ?? Infinity, this.leaderUntil()];
    if (request === undefined) {
      if (this.wantsRead()) times.push(this.retryAt);
      else if (!term) times.push(Math.max(this.retryAt, this.readAt));
      if (term) times.push(Math.max(this.retryAt, this.renewAt(term)));
      else if (seen && this.unfinished === undefined) times.push(Math.max(this.retryAt, this.takeoverAt()));
    }
    return Math.min(...times);
  }

  private take(input: LeaseInput, now: Instant): void {
    switch (input.type) {
      case 'tick':
        return;
      case 'noticed':
        return this.notice(input.lease, now);
      case 'stepDown':
        if (this.term) this.end('steppedDown', now);
        return;
      case 'workEnded':
        if (this.unfinished === input.token) this.unfinished = undefined;
        return;
      case 'stop':
        this.isStopping = true;
        if (this.term) this.end('leaving', now);
        return;
      default:
        this.answer(input, now);
    }
  }

  private answer(
    input: Extract<LeaseInput, { type: 'read' | 'written' | 'conflict' | 'failed' }>,
    now: Instant,
  ): void {
    const { request } = this;
    this.request = undefined;
    if (request === undefined) return;
    if (input.type === 'failed') {
      const { retryMinMs, retryMaxMs } = this.timing;
      const backoff = Math.min(retryMinMs * 2 ** Math.min(this.failures++, 16), retryMaxMs);
      this.retryAt = now.mono + Math.max(input.retryAfterMs ?? 0, backoff * (0.5 + this.random() / 2));
      if (request.type === 'release') this.releaseTries--;
      return;
    }
    this.failures = 0;
    this.mustRead = input.type === 'conflict';
    if (input.type === 'conflict') return;
    this.see(input.lease, now);
    this.readAt = now.mono + this.timing.pollMs;
    if (input.type === 'read') this.compare(now);
    else if (request.type === 'release') this.releaseTries = 0;
    else this.granted(request, now);
  }

  /** The server has our name in the Lease since some moment after the request left (L4). */
  private granted({ type, token, sent }: Request, now: Instant): void {
    const { deadlineMs } = this.timing;
    const grant = { token, until: sent.mono + deadlineMs, wallUntil: sent.wall + deadlineMs };
    const isGood = now.mono < grant.until && !isClockJump(sent, now);
    if (type === 'renew' && this.term?.token !== token) return;
    if (type === 'acquire' && (this.isStopping || now.mono < this.holdOffUntil)) {
      this.releaseTries = RELEASE_TRIES;
      return;
    }
    if (!isGood) return;
    this.term = { ...grant, renewed: sent };
    this.effects.push({ type: 'grant', grant });
    if (type === 'acquire') this.effects.push({ type: 'acquired', token });
  }

  /** After a read while leading: somebody else's lease ends the term; our own, and none at all, are renewed at once. */
  private compare(now: Instant): void {
    const lease = this.seen?.lease;
    if (this.term && lease && !this.isOurs(lease, this.term.token)) this.end('refused', now);
  }

  /** What a watch says is a reason to look, and evidence that time passed; never evidence against a living term. */
  private notice(lease: LeaseRecord | null, now: Instant): void {
    const known = this.seen?.lease;
    if (lease === null) this.mustRead ||= known !== null;
    else if (this.term) this.mustRead ||= !this.isOurs(lease, this.term.token) && !isOlder(lease, known);
    else if (this.seen && !isOlder(lease, known)) this.see(lease, now);
  }

  private see(lease: LeaseRecord | null, now: Instant): void {
    if (lease) {
      this.tokenMax = Math.max(this.tokenMax, lease.token);
      this.leaseMsMax = Math.max(this.leaseMsMax, lease.durationMs);
    }
    if (this.seen && this.seen.lease?.version === lease?.version) return;
    // Those of a higher priority go first, but for the one that just led (L7).
    const rank = Math.min(this.candidacy.rank(this.seen?.lease?.holder?.incarnation), RANK_MAX);
    const spread = rank * this.timing.rankMs + this.random() * this.timing.spreadMs;
    this.seen = { lease, at: now.mono, spread };
  }

  private act(now: Instant): void {
    if (this.request || (now.mono < this.retryAt && !this.isStopping)) return;
    const lease = this.seen?.lease ?? null;
    const mayWrite = this.unfinished === undefined;
    if (this.term) {
      if (this.mustRead) this.read(now);
      else if (now.mono >= this.renewAt(this.term))
        this.write('renew', lease, this.self, this.term.token, now);
    } else if (mayWrite && this.releaseTries > 0 && lease && this.isOurs(lease)) {
      if (this.mustRead) this.read(now);
      else this.write('release', lease, null, lease.token, now);
    } else if (this.isStopping) {
      // Work that ends with the term says so before the next step.
      if (this.effects.some(({ type }) => type === 'lost')) return;
      this.hasStopped = true;
      this.effects.push({ type: 'stopped' });
    } else if (this.wantsRead() || now.mono >= this.readAt) {
      this.read(now);
    } else if (mayWrite && now.mono >= this.takeoverAt()) {
      this.write('acquire', lease, this.self, Math.max(this.tokenMax + 1, Math.floor(now.wall)), now);
    }
  }

  private read(sent: Instant): void {
    this.request = { type: 'read', token: 0, sent };
    this.effects.push({ type: 'read' });
  }

  private write(
    type: Exclude<Request['type'], 'read'>,
    base: LeaseRecord | null,
    holder: Holder | null,
    token: number,
    sent: Instant,
  ): void {
    this.tokenMax = Math.max(this.tokenMax, token);
    this.request = { type, token, sent };
    this.effects.push({ type: 'write', change: { base, holder, token, durationMs: this.timing.leaseMs } });
  }

  /** T3: compared whenever anything is handled, in whatever order timers fire. */
  private expire(now: Instant): void {
    const { term } = this;
    if (!term) return;
    if (now.mono >= term.until) this.end(this.failures > 0 ? 'engineFailed' : 'expired', now);
    else if (isClockJump(term.renewed, now)) this.end('clockJump', now);
  }

  private end(reason: LossReason, now: Instant): void {
    const { term } = this;
    if (!term) return;
    this.term = undefined;
    this.unfinished = term.token;
    const isWilling = reason === 'steppedDown' || reason === 'leaving';
    this.releaseTries = isWilling ? RELEASE_TRIES : 0;
    if (isWilling) this.holdOffUntil = now.mono + this.timing.holdOffMs;
    this.effects.push({ type: 'grant', grant: NO_GRANT }, { type: 'lost', token: term.token, reason });
  }

  private isOurs(lease: LeaseRecord, token = lease.token): boolean {
    return lease.holder?.incarnation === this.self.incarnation && lease.token === token;
  }

  private wantsRead(): boolean {
    return this.mustRead || this.seen === undefined;
  }

  private renewAt(term: { readonly renewed: Instant }): number {
    // A Lease that is gone is put back at once: whoever finds none waits for a whole lease first.
    return this.seen?.lease ? term.renewed.mono + this.timing.renewMs : 0;
  }

  /** When this node may try to take the lease (L1). */
  private takeoverAt(): number {
    if (!this.seen || !this.candidacy.candidate) return Infinity;
    const { lease, at, spread } = this.seen;
    if (lease && this.isOurs(lease)) return this.holdOffUntil;
    const wasGivenBack = lease !== null && lease.holder === null && lease.token > 0;
    const wait = wasGivenBack ? 0 : lease?.holder ? lease.durationMs || this.leaseMsMax : this.leaseMsMax;
    return Math.max(at + wait + spread, this.holdOffUntil);
  }

  /** Until when the holder that was seen counts as the leader. */
  private leaderUntil(): number {
    const { seen } = this;
    if (this.term || !seen?.lease?.holder || this.isOurs(seen.lease)) return Infinity;
    const until = seen.at + (seen.lease.durationMs || this.leaseMsMax);
    return this.toldLeader === null ? Infinity : until;
  }

  private leaderNow(now: Instant): LeaderView | null {
    const { term, seen } = this;
    if (term) return { ...this.self, token: term.token };
    if (!seen?.lease?.holder || this.isOurs(seen.lease)) return null;
    const { holder, token, durationMs } = seen.lease;
    return now.mono < seen.at + (durationMs || this.leaseMsMax) ? { ...holder, token } : null;
  }

  private tellLeader(now: Instant): void {
    const leader = this.hasStopped ? null : this.leaderNow(now);
    const told = this.toldLeader;
    if (leader?.incarnation === told?.incarnation && leader?.token === told?.token) return;
    this.toldLeader = leader;
    this.effects.push({ type: 'leader', leader });
  }
}

/** Versions are numbers in every server there is; where they are not, nothing counts as older. */
function isOlder(lease: LeaseRecord, known: LeaseRecord | null | undefined): boolean {
  if (!known || !/^\d+$/.test(lease.version) || !/^\d+$/.test(known.version)) return false;
  return BigInt(lease.version) < BigInt(known.version);
}
