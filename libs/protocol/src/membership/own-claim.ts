/**
 * What this node says about itself. Whoever holds it suspect, dead or gone is told a higher version (M1). `degraded` while its
 * application makes no progress (M4).
 */
import { isPlausible } from '../instant.js';
import type { Claim } from '../message.js';
import type { Disseminator } from './disseminator.js';
import type { Ground } from './ground.js';
import type { LocalHealth } from './local-health.js';
import { alive } from './member-record.js';
import type { Roster } from './roster.js';

export class OwnClaim {
  /** How long the application made no progress, as last told, in milliseconds. */
  lagMs = 0;

  constructor(
    private readonly ground: Ground,
    private readonly disseminator: Disseminator,
    private readonly roster: Roster,
    private readonly health: LocalHealth,
  ) {}

  get version(): number {
    return this.ground.table.self.claim.version;
  }

  /** Says anew that it is there. */
  raise(above = this.version): void {
    this.say(above + 1, this.ground.table.self.degraded);
  }

  /** Another node repeats what it holds about this one. Only kind and version of that are believed. */
  hear(claim: Claim): void {
    const { turn, table } = this.ground;
    if (!isPlausible(claim.version, turn.wall)) return;
    if (claim.kind === 'suspect' && claim.version === this.version) this.health.worse();
    const isWrong = claim.kind !== 'alive';
    if (claim.version > this.version || (isWrong && claim.version === this.version))
      this.raise(claim.version);
    if (isWrong && turn.from) turn.send(turn.from, { type: 'gossip', claims: [table.self.claim] });
  }

  lag(lagMs: number): void {
    const { degradedAfterMs } = this.ground.options;
    const { degraded } = this.ground.table.self;
    this.lagMs = lagMs;
    // It is well again only when it is clearly so, or it would flicker.
    const isDegraded = lagMs >= (degraded ? degradedAfterMs / 2 : degradedAfterMs);
    if (isDegraded === degraded) return;
    this.say(this.version + 1, isDegraded);
    this.roster.changed(this.ground.table.self);
  }

  private say(version: number, degraded: boolean): void {
    const { table } = this.ground;
    const claim = alive(table.self.node, version, degraded);
    table.hold(table.self, claim);
    this.disseminator.announce(claim);
  }
}
