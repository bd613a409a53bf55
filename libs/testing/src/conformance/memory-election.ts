/**
 * The smallest leadership there is: one variable in one process, with leases that run out. For tests, and as an example of
 * what a `LeadershipProvider` owes its callers. Safe within one process only.
 */
import {
  monotonicMs,
  type LeadershipListener,
  type LeadershipProvider,
  type LeadershipSelf,
  type LeaderView,
} from '@nest-cluster/core';

interface Term {
  readonly holder: MemoryCandidate;
  readonly self: LeadershipSelf;
  readonly token: number;
  until: number;
}

export class MemoryElection {
  private token = 0;
  private term: Term | undefined;
  private readonly candidates = new Set<MemoryCandidate>();
  private readonly timer: NodeJS.Timeout;

  constructor(readonly leaseMs = 300) {
    this.timer = setInterval(() => this.turn(), leaseMs / 10).unref();
  }

  candidate(): MemoryCandidate {
    return new MemoryCandidate(this);
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** @internal */
  enter(candidate: MemoryCandidate): void {
    this.candidates.add(candidate);
    this.turn();
  }

  /** @internal */
  exit(candidate: MemoryCandidate): void {
    this.candidates.delete(candidate);
  }

  /** @internal The exact holder gives back its exact term (L4). */
  release(candidate: MemoryCandidate, token: number): void {
    if (this.term?.holder !== candidate || this.term.token !== token) return;
    this.term = undefined;
    setImmediate(() => this.turn());
  }

  get leader(): LeaderView | null {
    const { term } = this;
    if (!term || monotonicMs() >= term.until) return null;
    return { name: term.self.name, incarnation: term.self.incarnation, token: term.token };
  }

  /** Renews the term of a holder that is there; gives the lease to the next when it has run out. */
  private turn(): void {
    const now = monotonicMs();
    const { term } = this;
    const isHeld = term !== undefined && now < term.until;
    const next = isHeld ? term.holder : [...this.candidates].find(({ isWilling }) => isWilling);
    if (!isHeld) this.term = undefined;
    if (next?.self && next.isWilling) {
      this.term ??= { holder: next, self: next.self, token: ++this.token, until: 0 };
      this.term.until = now + this.leaseMs;
      next.granted(this.term.token, this.term.until);
    }
    for (const candidate of this.candidates) candidate.tell(this.leader);
  }
}

export class MemoryCandidate implements LeadershipProvider {
  readonly name = 'memory';
  readonly guarantee = 'engine';
  self: LeadershipSelf | undefined;
  /** Takes no part any more, without a farewell: as a crash looks to the others. */
  isCut = false;
  private listener: LeadershipListener | undefined;
  private grant = { token: 0, until: 0 };
  private unfinished: number | undefined;
  private restsUntil = 0;
  private told: LeaderView | null = null;

  constructor(private readonly election: MemoryElection) {}

  get isWilling(): boolean {
    return !this.isCut && this.unfinished === undefined && monotonicMs() >= this.restsUntil;
  }

  async start(self: LeadershipSelf, listener: LeadershipListener): Promise<void> {
    await this.stop();
    [this.self, this.listener, this.unfinished, this.restsUntil] = [self, listener, undefined, 0];
    this.election.enter(this);
  }

  leadsUntil(): number {
    return monotonicMs() < this.grant.until ? this.grant.until : 0;
  }

  token(): number {
    return this.grant.token;
  }

  leader(): LeaderView | null {
    return this.isCut || !this.listener ? null : this.election.leader;
  }

  stepDown(): void {
    this.end('steppedDown');
  }

  workEnded(token: number): void {
    if (this.unfinished !== token) return;
    this.unfinished = undefined;
    this.election.release(this, token);
  }

  async stop(): Promise<void> {
    this.end('leaving');
    this.election.exit(this);
    this.listener = undefined;
    await Promise.resolve();
  }

  /** @internal */
  granted(token: number, until: number): void {
    if (this.grant.token !== 0 && this.grant.token !== token) this.end('expired');
    const isNew = this.grant.token !== token;
    this.grant = { token, until };
    if (isNew) this.listener?.acquired(token);
  }

  /** @internal */
  tell(leader: LeaderView | null): void {
    if (this.isCut || leader?.token === this.told?.token) return;
    this.told = leader;
    this.listener?.leaderChanged(leader);
  }

  private end(reason: 'steppedDown' | 'leaving' | 'expired'): void {
    const { token } = this.grant;
    if (token === 0) return;
    this.grant = { token: 0, until: 0 };
    this.unfinished = token;
    this.restsUntil = monotonicMs() + this.election.leaseMs;
    this.listener?.lost(token, reason);
  }
}
