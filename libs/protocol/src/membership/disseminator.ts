/**
 * Spreads claims. A changed claim goes to a few members at once; then it rides on every message and on periodic gossip until
 * it was told about 3·log2(N) times, so that the load grows with log N (M6). After SWIM (Das, Gupta, Motivala, 2002).
 */
import type { Claim } from '../message.js';
import type { Incarnation } from '../node.js';
import { choose } from './choose.js';
import type { Ground } from './ground.js';
import { CLAIMS_PER_MESSAGE } from './limits.js';
import type { MemberRecord } from './member-record.js';

interface Waiting {
  readonly claim: Claim;
  told: number;
  /** A newer claim about the same member took its place, or it was told often enough. */
  isOver: boolean;
}

/** The queue may hold so many that are over, beside as many as wait, before it is cleared of them. */
const OVER_MAX = 64;

const NONE: readonly Claim[] = [];

export class Disseminator {
  /** One claim per member. */
  private readonly waiting = new Map<Incarnation, Waiting>();
  /** What is told next comes first, from `head` on. A claim may come up many thousand times a second. */
  private queue: Waiting[] = [];
  private head = 0;
  private fresh: Claim[] = [];
  private isRoundSet = false;

  constructor(private readonly ground: Ground) {}

  /** Replaces an older claim about the same member. */
  announce(claim: Claim): void {
    const { table, turn } = this.ground;
    const incarnation = claim.node.incarnation;
    // Whoever has nobody else to tell would only carry old news to everybody it meets later.
    const audience = table.others.length - (turn.from && turn.from.slot >= 0 ? 1 : 0);
    this.forget(incarnation);
    if (audience === 0 && claim.node !== table.self.node) return;
    const waiting: Waiting = { claim, told: 0, isOver: false };
    this.waiting.set(incarnation, waiting);
    this.enqueue(waiting);
    this.fresh.push(claim);
  }

  forget(incarnation: Incarnation): void {
    const waiting = this.waiting.get(incarnation);
    if (!waiting) return;
    waiting.isOver = true;
    this.waiting.delete(incarnation);
  }

  /** What rides on a message: what is held against the receiver itself, then `first`, then what waits. */
  claimsFor(to: MemberRecord, first?: Claim): readonly Claim[] {
    const accused = to.claim.kind !== 'alive';
    if (this.waiting.size === 0 && !accused && !first) return NONE;
    const claims: Claim[] = [];
    if (accused) claims.push(to.claim);
    if (first && first !== to.claim) claims.push(first);
    this.fill(claims, to.node.incarnation);
    return claims;
  }

  /** At the end of a step: tells what changed in it. */
  flush(): void {
    if (this.fresh.length === 0) return;
    const { turn, table, options } = this.ground;
    const fresh = this.fresh;
    this.fresh = [];
    this.tell(options.gossipFanout);
    for (const claim of fresh) {
      const accused = claim.kind === 'suspect' ? table.get(claim.node.incarnation) : undefined;
      if (accused) turn.send(accused, { type: 'gossip', claims: [claim] });
    }
    this.setRound();
  }

  private fill(claims: Claim[], receiver: Incarnation): void {
    const enough = 3 * Math.ceil(Math.log2(this.ground.table.size() + 1));
    for (let left = Math.min(CLAIMS_PER_MESSAGE - claims.length, this.waiting.size); left > 0; left--) {
      const next = this.dequeue();
      if (!next) return;
      const { incarnation } = next.claim.node;
      if (incarnation !== receiver) {
        if (!claims.includes(next.claim)) claims.push(next.claim);
        next.told++;
      }
      if (next.told < enough) this.enqueue(next);
      else this.forget(incarnation);
    }
  }

  private enqueue(waiting: Waiting): void {
    if (this.queue.length > OVER_MAX + 2 * this.waiting.size) {
      this.queue = this.queue.slice(this.head).filter(({ isOver }) => !isOver);
      this.head = 0;
    }
    this.queue.push(waiting);
  }

  private dequeue(): Waiting | undefined {
    while (this.head < this.queue.length) {
      const waiting = this.queue[this.head++];
      if (waiting && !waiting.isOver) return waiting;
    }
    return undefined;
  }

  private tell(count: number): void {
    const { turn, table, random } = this.ground;
    const listeners = choose(table.others, count, random, (other) => other.linked && other !== turn.from);
    for (const listener of listeners) {
      const claims = this.claimsFor(listener);
      if (claims.length > 0) turn.send(listener, { type: 'gossip', claims });
    }
  }

  private setRound(): void {
    if (this.isRoundSet || this.waiting.size === 0) return;
    this.isRoundSet = true;
    const { agenda, turn, options } = this.ground;
    agenda.at(turn.mono + options.gossipIntervalMs, () => {
      this.isRoundSet = false;
      this.tell(options.gossipFanout);
      this.setRound();
    });
  }
}
