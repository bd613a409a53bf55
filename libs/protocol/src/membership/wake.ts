/**
 * Notices that this node itself stood still. After a pause everybody else gets fresh time, because their answers may wait in
 * the sockets (T3); after a suspend, which only the wall clock shows, all probe state is dropped (T2).
 */
import { isClockJump, type Instant } from '../instant.js';
import type { Checks } from './checks.js';
import type { Contests } from './contests.js';
import type { Ground } from './ground.js';
import type { OwnClaim } from './own-claim.js';
import type { Relays } from './relays.js';
import type { Suspicions } from './suspicions.js';

/** Handled this much later than asked for, in milliseconds, this node was paused. */
const PAUSE_MS = 100;

/** Within this time of a pause, in milliseconds, the next one gives no extra time, or a starved node would never judge. */
const PAUSE_APART_MS = 1_000;

export class Wake {
  private before: Instant | null = null;
  private pausedAt = -Infinity;

  constructor(
    private readonly ground: Ground,
    private readonly own: OwnClaim,
    private readonly checks: Checks,
    private readonly relays: Relays,
    private readonly suspicions: Suspicions,
    private readonly contests: Contests,
  ) {}

  /** Before an input is handled. */
  notice(now: Instant): void {
    const lateMs = now.mono - this.ground.agenda.next();
    if (this.before && isClockJump(this.before, now)) this.startOver();
    else if (lateMs > PAUSE_MS) this.giveTime(lateMs);
    this.before = now;
  }

  private startOver(): void {
    this.checks.dropAll();
    this.relays.dropAll();
    this.suspicions.dropAll();
    this.contests.resume();
    this.own.raise();
  }

  private giveTime(lateMs: number): void {
    const { turn, options, agenda } = this.ground;
    const isNew = turn.mono - this.pausedAt > PAUSE_APART_MS;
    const extraMs = lateMs + (isNew ? options.probeTimeoutMs : 0);
    this.pausedAt = turn.mono;
    agenda.putOffJudgement(extraMs);
    this.suspicions.putOff(extraMs);
  }
}
