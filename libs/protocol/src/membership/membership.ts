/**
 * Who is there (M1 to M6, T1 to T3, D2, D4, P1): SWIM with Lifeguard over links. Input and a reading of the clocks go in, effects
 * come out. A node takes part, or is refused and stays out for a while, or has left for good.
 */
import type { Member } from '../event.js';
import type { Instant } from '../instant.js';
import type { Effect, Input } from '../machine.js';
import type { Incarnation, NodeInfo } from '../node.js';
import type { MembershipOptions } from '../options.js';
import type { Random } from '../random.js';
import { Exile } from './exile.js';
import { alive, isUp, memberOf } from './member-record.js';
import { Participation } from './participation.js';
import { Turn } from './turn.js';

export interface MembershipConfig {
  readonly self: NodeInfo;
  readonly options: MembershipOptions;
  readonly random: Random;
}

export class Membership {
  private readonly turn = new Turn();
  /** Null before `start`, while refused, and after that. */
  private part: Participation | null = null;
  private exile: Exile | null = null;
  private holder: NodeInfo | null = null;
  private hasLeft = false;
  private attempts = 0;
  private admittedAt = -Infinity;
  private outside: readonly Member[];
  /** Whom this node lost sight of when it was turned away, and not been asked for yet. */
  private lost: readonly Member[] = [];

  constructor(private readonly config: MembershipConfig) {
    this.outside = [{ node: config.self, status: 'down', upSince: 0, seen: true }];
  }

  step(input: Input, now: Instant): Effect[] {
    if (this.hasLeft) return [];
    this.turn.begin(now);
    if (input.type === 'start') this.start();
    else if (input.type === 'leave') this.leave();
    else if (this.part) this.part.handle(input, now);
    else if (this.exile?.handle(input)) this.readmit(this.exile, input, now);
    if (this.holder) this.withdraw(this.holder);
    return this.turn.end();
  }

  /** Monotonic time, in milliseconds, by which `step` must be called again. */
  nextDeadline(): number {
    if (this.hasLeft) return Infinity;
    return this.part?.nextDeadline() ?? this.exile?.nextDeadline() ?? Infinity;
  }

  /** Everybody known, this node included, in order of name; the same array until something changes. */
  members(): readonly Member[] {
    return this.part?.table.members() ?? this.outside;
  }

  /** Those that changed since the last call, in order of name. Who is refused sees nobody up, not even itself. */
  takeChanges(): readonly Member[] {
    const { lost } = this;
    if (lost.length === 0) return this.part?.table.takeChanges() ?? lost;
    this.lost = [];
    return lost;
  }

  /** True for this node, too, while it takes part. */
  isUp(incarnation: Incarnation): boolean {
    const record = this.part?.table.get(incarnation);
    return record !== undefined && isUp(record);
  }

  /** Any node that is known, up or not. */
  get(incarnation: Incarnation): NodeInfo | undefined {
    const { self } = this.config;
    return incarnation === self.incarnation ? self : this.part?.table.get(incarnation)?.node;
  }

  /** An older, living process holds this node's name (T1). */
  isRefused(): boolean {
    return this.exile !== null;
  }

  private start(): void {
    if (!this.exile) this.enter(1);
  }

  private enter(version: number): Participation {
    const { self, options, random } = this.config;
    this.part ??= new Participation(alive(self, version, false), options, random, this.turn, (holder) => {
      this.holder = holder;
    });
    return this.part;
  }

  private leave(): void {
    this.hasLeft = true;
    this.part?.leave();
  }

  /** Out of the cluster, because an older process has this node's name. */
  private withdraw(holder: NodeInfo): void {
    const { self, options, random } = this.config;
    const { part, turn } = this;
    this.holder = null;
    if (!part) return;
    turn.event({ type: 'refused', holder });
    const places = part.abandon().map((node) => node.address);
    const { version, node } = part.table.self.claim;
    const attempts = turn.mono - this.admittedAt > options.redialMaxMs ? 0 : this.attempts;
    this.exile = new Exile(self, version, holder.address, attempts, places, options, random, turn);
    this.lost = part.table.members().map((member) => ({ ...member, status: 'down' }));
    this.outside = [{ ...memberOf(part.table.self), node, status: 'down' }];
    this.part = null;
  }

  private readmit(exile: Exile, input: Input, now: Instant): void {
    this.exile = null;
    this.attempts = exile.attempts;
    this.admittedAt = now.mono;
    this.turn.event({ type: 'admitted' });
    const part = this.enter(exile.version);
    for (const peer of exile.links.values()) part.opened(peer);
    part.handle(input, now);
  }
}
