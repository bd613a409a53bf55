/**
 * One node's control plane: membership and leadership behind one `step` (T2), and the state of the cluster as it follows
 * from both (M7). The two never talk to each other but through here.
 */
import type { ClusterState, Guarantee, Leader, Member } from './event.js';
import type { Instant } from './instant.js';
import { Leadership } from './leadership/index.js';
import type { Effect, Input, Machine } from './machine.js';
import { Membership } from './membership/index.js';
import { isLeadershipMessage } from './message.js';
import type { Incarnation, NodeInfo } from './node.js';
import type { LeadershipOptions, MembershipOptions } from './options.js';
import type { Random } from './random.js';

export interface NodeMachineConfig {
  readonly self: NodeInfo;
  readonly membership: MembershipOptions;
  readonly leadership: LeadershipOptions;
  /** How many nodes the cluster is meant to have (L5). */
  readonly size?: number;
  /** Who votes, by name or address, when the deployment fixes it (L5). */
  readonly voters?: readonly string[];
  /** False where something else decides who leads, so that this node has no vote, and no silence after its start. */
  readonly votes?: boolean;
  readonly random: Random;
}

export interface NodeView {
  readonly state: ClusterState;
  readonly expected: number;
  /** Votes needed to lead; Infinity while that is not known. */
  readonly quorum: number;
  readonly guarantee: Guarantee;
  readonly leader: Leader | null;
  readonly members: readonly Member[];
  /** Voters that are up and keep silent after their start, so that they do not vote yet (L4). */
  readonly silentVoters: readonly Incarnation[];
}

export class NodeMachine implements Machine {
  private readonly membership: Membership;
  private readonly leadership: Leadership;
  private state: ClusterState = 'red';

  constructor(config: NodeMachineConfig, now: Instant) {
    const { self, random } = config;
    this.membership = new Membership({ self, options: config.membership, random });
    const members = (): readonly Member[] => (this.membership.isRefused() ? [] : this.membership.members());
    this.leadership = new Leadership({ ...config, options: config.leadership, members }, now);
  }

  step(input: Input, now: Instant): Effect[] {
    if (input.type === 'message' && isLeadershipMessage(input.message)) {
      return this.conclude(this.leadership.step(input, now));
    }
    if (input.type === 'leave') {
      // The leader's farewell goes out before the node's own, while links still carry it.
      return [...this.leadership.step(input, now), ...this.membership.step(input, now)];
    }
    const effects = this.membership.step(input, now);
    const changed = this.membership.takeChanges();
    if (changed.length > 0) effects.push(...this.leadership.observe(changed, now));
    if (input.type !== 'message' || this.leadership.nextDeadline() <= now.mono) {
      effects.push(...this.leadership.step(input, now));
    }
    return this.conclude(effects);
  }

  nextDeadline(): number {
    return Math.min(this.membership.nextDeadline(), this.leadership.nextDeadline());
  }

  view(): NodeView {
    const { expected, quorum, guarantee, leader, silentVoters } = this.leadership;
    const members = this.membership.members();
    return { state: this.state, expected, quorum, guarantee, leader, members, silentVoters };
  }

  private conclude(effects: Effect[]): Effect[] {
    const state = this.judge();
    if (state === this.state) return effects;
    const previous = this.state;
    this.state = state;
    return [...effects, { type: 'event', event: { type: 'stateChanged', state, previous } }];
  }

  /** A voter that keeps silent is there and does not vote: one loss more may leave no quorum. */
  private judge(): ClusterState {
    const { votersUp, quorum, expected, silentVoters } = this.leadership;
    if (votersUp < quorum) return 'red';
    return votersUp < expected || silentVoters.length > 0 ? 'yellow' : 'green';
  }
}

/** Starts nothing: the first input must be `start`. `now` is when the process began to count. */
export function createNodeMachine(config: NodeMachineConfig, now: Instant): NodeMachine {
  return new NodeMachine(config, now);
}
