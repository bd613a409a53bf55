/**
 * The embedded quorum lease as a provider of leadership (L1 to L6): what the control plane knows, in the words of the port.
 */
import type { Guarantee, Leader, NodeEvent } from '@nest-cluster/protocol';
import type { ControlPlane } from '../ports/control-plane.js';
import type {
  LeaderView,
  LeadershipListener,
  LeadershipProvider,
  LeadershipSelf,
} from '../ports/leadership-provider.js';

export interface QuorumLeadership extends LeadershipProvider {
  /** Takes each event of the control plane, in order; the others are of no concern here. */
  event(event: NodeEvent): void;
}

export function createQuorumLeadership(plane: ControlPlane): QuorumLeadership {
  return new QuorumLease(plane);
}

class QuorumLease implements QuorumLeadership {
  readonly name = 'quorum-lease';
  readonly honours = ['priority', 'candidate', 'leaseMs', 'renewMs', 'stallMs', 'stableViewMs'] as const;
  private listener: LeadershipListener | undefined;
  /** The term that this node holds, whether somebody listens or not; 0 for none. */
  private term = 0;

  constructor(private readonly plane: ControlPlane) {}

  /** Without names or a size to count votes by, two leaders are possible after a split (L5). */
  get guarantee(): Guarantee {
    return this.plane.view().guarantee;
  }

  /**
   * A term that began before this would be renewed for ever with nobody to lead in it, and nobody else could (L6): it ends,
   * and another begins with a token of its own.
   */
  async start(_self: LeadershipSelf, listener: LeadershipListener): Promise<void> {
    this.listener = listener;
    if (this.term !== 0) this.plane.stepDown();
  }

  leadsUntil(token?: number): number {
    return this.plane.leadsUntil(token);
  }

  token(): number {
    return this.plane.token();
  }

  leader(): LeaderView | null {
    return named(this.plane.view().leader);
  }

  stepDown(): void {
    this.plane.stepDown();
  }

  workEnded(token: number): void {
    this.plane.workEnded(token);
  }

  async stop(): Promise<void> {
    this.listener = undefined;
  }

  event(event: NodeEvent): void {
    switch (event.type) {
      case 'leadershipAcquired':
        this.term = event.token;
        return this.listener?.acquired(event.token);
      case 'leadershipLost':
        this.term = 0;
        return this.listener?.lost(event.token, event.reason);
      case 'leaderChanged':
        return this.listener?.leaderChanged(named(event.leader));
    }
  }
}

function named(leader: Leader | null): LeaderView | null {
  return leader && { name: leader.node.name, incarnation: leader.node.incarnation, token: leader.token };
}
