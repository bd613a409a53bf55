/**
 * What the application is told about leadership: each change once.
 */
import type { Leader, NodeEvent } from '../event.js';
import type { Electorate } from './electorate.js';

export class Bulletin {
  private leader: Leader | null = null;
  private quorum: number;

  constructor(
    private readonly electorate: Electorate,
    private readonly size: number | undefined,
  ) {
    this.quorum = electorate.quorum;
  }

  /** The events that tell of what changed since the last call. */
  changes(leader: Leader | null): NodeEvent[] {
    const events: NodeEvent[] = [];
    if (leader?.token !== this.leader?.token || leader?.node.incarnation !== this.leader?.node.incarnation) {
      this.leader = leader;
      events.push({ type: 'leaderChanged', leader });
    }
    const { quorum, guarantee, expected } = this.electorate;
    if (guarantee === 'quorum' && quorum > this.quorum) {
      events.push({ type: 'quorumRaised', quorum, nodes: expected, size: this.size ?? expected });
    }
    this.quorum = quorum;
    return events;
  }
}
