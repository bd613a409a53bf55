/**
 * The election by a Lease object, as a machine that maps inputs to effects and does nothing itself (T2). At most one request
 * is under way at a time.
 *
 * L1, L4: the holder's deadline counts from when its request left, and is shorter than what others wait after the last change
 * that they *observed*, each by its own monotonic clock; no time that a server or another node wrote is ever compared. Every
 * write is a compare-and-swap; `LeaseSight` says when one may be tried. L3: each acquisition raises the token, above all that
 * were seen and above the wall clock, so that it grows also over a deleted object. L4: holders are incarnations; the lease
 * goes back after the work.
 */
import { isClockJump, type Instant, type LeaderView, type LossReason } from '@nest-cluster/core';
import type { Holder, LeaseRecord } from './lease-record.js';
import { LeaseSight, type Candidacy } from './lease-sight.js';
import { NO_GRANT, type Grant, type LeaseAnswer, type LeaseEffect, type LeaseInput } from './lease-step.js';
import { pauseMs, type LeaseTiming } from './lease-timing.js';

interface Request {
  readonly type: 'read' | 'acquire' | 'renew' | 'release';
  readonly token: number;
  readonly sent: Instant;
}

/** How often giving back is tried before the lease is left to run out. */
const RELEASE_TRIES = 3;

export class LeaseMachine {
  private readonly sight: LeaseSight;
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
  private isStopping = false;
  private hasStopped = false;
  private toldLeader: LeaderView | null = null;
  private toldStuck = false;
  private effects: LeaseEffect[] = [];
  private readonly self: Holder;

  constructor(
    candidacy: Candidacy,
    private readonly timing: LeaseTiming,
    private readonly random: () => number,
  ) {
    const { name, incarnation } = candidacy;
    this.self = { name, incarnation };
    this.sight = new LeaseSight(candidacy, timing, random);
  }

  step(input: LeaseInput, now: Instant): LeaseEffect[] {
    if (this.hasStopped) return [];
    this.expire(now);
    this.take(input, now);
    this.act(now);
    this.tellLeader(now);
    this.tellStuck();
    return this.effects.splice(0);
  }

  /** Monotonic time of the next `tick`. */
  nextDeadline(): number {
    const { term, request } = this;
    if (this.isStopping && request === undefined) return this.hasStopped ? Infinity : 0;
    const times = [term?.until ?? Infinity, this.leaderUntil()];
    if (request === undefined) {
      if (this.wantsRead()) times.push(this.retryAt);
      else if (!term) times.push(Math.max(this.retryAt, this.readAt));
      if (term) times.push(Math.max(this.retryAt, this.renewAt(term)));
      else if (this.unfinished === undefined) times.push(Math.max(this.retryAt, this.takeoverAt()));
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

  private answer(input: LeaseAnswer, now: Instant): void {
    const { request } = this;
    this.request = undefined;
    if (request === undefined) return;
    const isKnown = input.type === 'read' || input.type === 'written';
    // A read that fails is a try, too: it was to say what there is to give back.
    if (!isKnown && !this.term && this.unfinished === undefined) this.releaseTries--;
    if (input.type === 'failed') {
      this.retryAt = now.mono + pauseMs(this.timing, this.failures++, input.retryAfterMs, this.random);
      return;
    }
    this.failures = 0;
    this.mustRead = !isKnown;
    if (!isKnown) return;
    this.sight.see(input.lease, now);
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
    const { lease } = this.sight;
    if (this.term && lease && !this.sight.isOurs(lease, this.term.token)) this.end('refused', now);
  }

  /** What a watch says is a reason to look, and evidence that time passed; never evidence against a living term. */
  private notice(lease: LeaseRecord | null, now: Instant): void {
    const { sight, term } = this;
    if (lease === null) this.mustRead ||= sight.lease !== null;
    else if (term) this.mustRead ||= !sight.isOurs(lease, term.token) && !sight.isOld(lease);
    else if (sight.lease !== undefined && !sight.isOld(lease)) sight.see(lease, now);
  }

  private act(now: Instant): void {
    if (this.request || (now.mono < this.retryAt && !this.isStopping)) return;
    const { sight } = this;
    const lease = sight.lease ?? null;
    const mayWrite = this.unfinished === undefined;
    if (this.term) {
      if (this.mustRead) this.read(now);
      else if (now.mono >= this.renewAt(this.term))
        this.write('renew', lease, this.self, this.term.token, now);
    } else if (mayWrite && this.releaseTries > 0 && lease && sight.isOurs(lease)) {
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
      this.write('acquire', lease, this.self, sight.nextToken(now), now);
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
    this.sight.sent(token);
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

  private wantsRead(): boolean {
    return this.mustRead || this.sight.lease === undefined;
  }

  private renewAt(term: { readonly renewed: Instant }): number {
    // A Lease that is gone is put back at once: whoever finds none waits for a whole lease first.
    return this.sight.lease ? term.renewed.mono + this.timing.renewMs : 0;
  }

  /** When this node may try to take the lease (L1). */
  private takeoverAt(): number {
    return Math.max(this.sight.takeoverAt(), this.holdOffUntil);
  }

  /** When the holder that was seen no longer counts as the leader. */
  private leaderUntil(): number {
    const until = this.term || this.toldLeader === null ? undefined : this.sight.ledUntil();
    return until ?? Infinity;
  }

  private leaderNow(now: Instant): LeaderView | null {
    return this.term ? { ...this.self, token: this.term.token } : this.sight.leader(now);
  }

  private tellLeader(now: Instant): void {
    const leader = this.hasStopped ? null : this.leaderNow(now);
    const told = this.toldLeader;
    if (leader?.incarnation === told?.incarnation && leader?.token === told?.token) return;
    this.toldLeader = leader;
    this.effects.push({ type: 'leader', leader });
  }

  /** Nobody can lead from now on, or somebody can again. */
  private tellStuck(): void {
    const { isStuck } = this.sight;
    if (isStuck === this.toldStuck) return;
    this.toldStuck = isStuck;
    this.effects.push({ type: 'stuck', isStuck });
  }
}
