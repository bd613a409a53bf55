/**
 * M1, M7, L6 after healing: within a bound everybody sees exactly who is there, the state is green, one node leads and all
 * know it; and it stays so.
 */
import type { Checker } from '../checker.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

const POLL_MS = 50;

export class Convergence implements Checker {
  /** Longest time that it ever took, in milliseconds. */
  longestMs = 0;
  private since = 0;
  private pending = false;

  constructor(
    private readonly world: World,
    /** Dials of the past may wait this long; then a suspicion, then an election. */
    private readonly boundMs = world.settings.membership.redialMaxMs +
      6 * world.settings.leadership.leaseMs +
      10_000,
  ) {}

  healed(): void {
    this.since = this.world.agenda.now;
    if (this.pending) return;
    this.pending = true;
    this.poll();
  }

  get isReached(): boolean {
    return !this.pending;
  }

  /** What still differs, or undefined when nothing does. */
  difference(): string | undefined {
    const { world } = this;
    const leader = world.leader();
    for (const process of world.running) {
      const differs = this.differenceAt(process, leader);
      if (differs) return `${process.info.name} ${differs}`;
    }
    return leader ? undefined : 'nobody leads';
  }

  private differenceAt(process: Process, leader: Process | undefined): string | undefined {
    const witness = this.world.witness(process);
    for (const other of this.world.running) {
      if (other !== process && !witness.sees(other.info)) return `does not see ${other.info.name}`;
      if (other !== process && witness.suspects(other.info)) return `suspects ${other.info.name}`;
    }
    for (const node of witness.up.values())
      if (![...this.world.running].some(({ info }) => info.incarnation === node.incarnation))
        return `sees ${node.name} (${node.incarnation.slice(0, 6)}), which is gone`;
    if (witness.state !== 'green') return `says ${witness.state}`;
    if (leader && witness.leader?.node.incarnation !== leader.info.incarnation)
      return `takes ${witness.leader?.node.name ?? 'nobody'} for the leader, which is ${leader.info.name}`;
    return undefined;
  }

  private poll(): void {
    const { world } = this;
    const took = world.agenda.now - this.since;
    const difference = this.difference();
    if (difference === undefined) {
      this.pending = false;
      this.longestMs = Math.max(this.longestMs, took);
    } else if (took > this.boundMs) {
      world.violate('convergence', `${Math.round(took)} ms after healing ${difference}`);
    } else world.agenda.in(POLL_MS, () => this.poll());
  }
}
