/**
 * Whether this replica is behind: it lacks what a peer knew some seconds ago, as when a repair cannot keep up with the writes
 * or does not come through. While it is, the cluster is not green (M7).
 */
import type { Core } from '../core.js';
import type { VersionVector } from '../state/version-vector.js';
import { isTogether, type Peer } from './peers.js';

/** What a peer knows is here after so long, in milliseconds, or this replica counts as behind. */
export const LAG_MS = 5_000;

interface Goal {
  readonly clock: VersionVector;
  readonly since: number;
}

export class Lag {
  private readonly goals = new Map<Peer, Goal>();
  private isBehind = false;

  constructor(private readonly core: Core) {}

  tick(): void {
    const { core, goals } = this;
    const { now, state, phase } = core;
    for (const peer of goals.keys()) if (!isTogether(peer)) goals.delete(peer);
    if (phase !== 'ready') goals.clear();
    else for (const peer of core.peers.where(isTogether)) this.look(peer);
    const isBehind = [...goals.values()].some(
      ({ clock, since }) => now.mono - since >= LAG_MS && !state.origins.covers(clock),
    );
    if (isBehind === this.isBehind) return;
    this.isBehind = isBehind;
    core.effects.push({ type: 'lagging', isLagging: isBehind });
  }

  /** The next goal begins when the one before is reached, so that a stream of writes that keeps pace is not taken for lag. */
  private look(peer: Peer): void {
    const { origins } = this.core.state;
    const goal = this.goals.get(peer);
    if (goal !== undefined && !origins.covers(goal.clock)) return;
    this.goals.delete(peer);
    if (!origins.covers(peer.clock))
      this.goals.set(peer, { clock: [...peer.clock], since: this.core.now.mono });
  }
}
