/**
 * Full exchanges of views. A small view is told whole to whoever is met; a large one only when needed: to a newcomer, and when
 * digests show a difference that gossip does not settle (M1). Paced, because an exchange costs what the view holds (W5).
 */
import type { Disseminator } from './disseminator.js';
import type { Ground } from './ground.js';
import type { MemberRecord } from './member-record.js';

/** Up to this many members, a view is told whole to everybody who is met. */
const SMALL_VIEW = 32;

export class PushPull {
  private nextAt = -Infinity;
  private changedAt = -Infinity;
  private lastDigest = 0;

  constructor(
    private readonly ground: Ground,
    private readonly disseminator: Disseminator,
  ) {}

  /** A link opened; the other side does the same. */
  meet(peer: MemberRecord, isNew: boolean): void {
    const { table, turn } = this.ground;
    if (table.size() <= SMALL_VIEW || (isNew && turn.mono >= this.nextAt)) return this.begin(peer);
    // What is held about the peer itself tells it that it is a member, or that it must object.
    turn.send(peer, {
      type: 'gossip',
      claims: [peer.claim, ...this.disseminator.claimsFor(peer, table.self.claim)],
    });
  }

  /** The digest that came with a message. */
  compare(peer: MemberRecord, digest: number): void {
    const { table, turn, options } = this.ground;
    if (table.digest !== this.lastDigest) {
      this.lastDigest = table.digest;
      this.changedAt = turn.mono;
    }
    if (digest === this.lastDigest) {
      peer.differsSince = 0;
      return;
    }
    peer.differsSince ||= turn.mono;
    const isSettled = turn.mono - this.changedAt >= options.gossipIntervalMs * 2;
    const isLasting = turn.mono - peer.differsSince >= options.syncIntervalMs;
    if ((isSettled || isLasting) && turn.mono >= this.nextAt) this.begin(peer);
  }

  /** The peer wants what this node knows. */
  answer(peer: MemberRecord): void {
    const { table, turn, options } = this.ground;
    const isPaced = table.size() > SMALL_VIEW && turn.mono - peer.syncedAt < options.syncIntervalMs / 2;
    if (isPaced) return;
    peer.syncedAt = turn.mono;
    turn.send(peer, { type: 'sync', reply: false, claims: table.claims() });
  }

  private begin(peer: MemberRecord): void {
    const { table, turn, options, random } = this.ground;
    this.nextAt = turn.mono + options.syncIntervalMs * (0.75 + random() * 0.5);
    turn.send(peer, { type: 'sync', reply: true, claims: table.claims() });
  }
}
