/**
 * When a node has the store (S7). It merges all that one ready peer has, then what every other one in reach had by then. With
 * no ready peer in reach, a quorum of voters that are all not ready begins together. A node alone begins only where neither a
 * size nor voters are configured.
 *
 *   state        ready peer in reach    source gone       source copied     all goals reached    may begin
 *   discovering  copying                                                                         ready
 *   copying                             discovering       catchingUp
 *   catchingUp                                                              ready
 *   ready
 */
import type { Core } from '../core.js';
import type { VersionVector } from '../state/version-vector.js';
import { isPresent, isTogether, type Peer } from './peers.js';
import type { TransferReceiver } from './transfer-receiver.js';

export type JoinState =
  | { readonly type: 'stopped' }
  /** Nobody in reach has the store. `since`: monotonic time from which half a copy waits for the rest. */
  | { readonly type: 'discovering'; readonly since: number }
  | { readonly type: 'copying'; readonly source: Peer; readonly isCopied: boolean }
  /** What each ready peer knew at `since`. `until`: monotonic time until which it waits for peers that were not heard. */
  | {
      readonly type: 'catchingUp';
      readonly goals: ReadonlyMap<Peer, Goal>;
      readonly since: number;
      readonly until: number;
    }
  /** Not `isComplete`: it began with half a copy, because nobody had the rest. */
  | { readonly type: 'ready'; readonly isComplete: boolean };

interface Goal {
  readonly generation: number | undefined;
  readonly clock: VersionVector;
}

type Rules = {
  readonly [Type in JoinState['type']]: (state: Extract<JoinState, { type: Type }>) => JoinState;
};

export class Readiness {
  private state: JoinState = { type: 'stopped' };
  private settledAt: number | undefined;
  private isReviewing = false;
  private readonly rules: Rules = {
    stopped: (state) => state,
    discovering: (state) => this.discover(state),
    copying: (state) => this.copy(state),
    catchingUp: (state) => this.catchUp(state),
    ready: (state) => state,
  };

  constructor(
    private readonly core: Core,
    private readonly receiver: TransferReceiver,
    private readonly becameReady: (isComplete: boolean) => void,
  ) {}

  get nextDeadline(): number {
    const { state, core } = this;
    const { joinTimeoutMs } = core.options;
    const times =
      state.type === 'discovering'
        ? [state.since + joinTimeoutMs, (this.settledAt ?? Infinity) + joinTimeoutMs]
        : state.type === 'catchingUp'
          ? [state.until]
          : [];
    return Math.min(Infinity, ...times.filter((at) => at > core.now.mono));
  }

  start(): void {
    if (this.state.type === 'stopped') this.state = { type: 'discovering', since: this.core.now.mono };
    this.review();
  }

  /** Discovery has completed. */
  settled(): void {
    this.settledAt ??= this.core.now.mono;
    this.review();
  }

  /** Everything that the peer had is here. */
  pulled(peer: Peer): void {
    if (this.state.type === 'copying' && this.state.source === peer)
      this.state = { ...this.state, isCopied: true };
    this.review();
  }

  /** The store was given up before it was whole, because it held what a decree voids (P4). */
  restart(): void {
    if (this.state.type !== 'stopped') this.state = { type: 'discovering', since: this.core.now.mono };
  }

  /** Follows the table until the state stays. Called when a peer has changed, and when time has passed. */
  review(): void {
    if (this.isReviewing) return;
    this.isReviewing = true;
    for (let before: JoinState | undefined; before !== this.state;) {
      before = this.state;
      this.state = this.next(before);
    }
    this.isReviewing = false;
    if (this.state.type !== 'ready' || this.core.phase !== 'joining') return;
    this.core.phase = 'ready';
    this.becameReady(this.state.isComplete);
  }

  private next(state: JoinState): JoinState {
    return (this.rules[state.type] as (state: JoinState) => JoinState)(state);
  }

  private discover(state: JoinState & { type: 'discovering' }): JoinState {
    const [source] = this.readyPeers();
    if (source !== undefined) return { type: 'copying', source, isCopied: false };
    if (!this.mayBegin(state.since)) return state;
    return { type: 'ready', isComplete: !this.core.state.knowledge.isPartial };
  }

  private copy(state: JoinState & { type: 'copying' }): JoinState {
    const { source, isCopied } = state;
    const { mono } = this.core.now;
    if (isCopied) return this.withGoals(mono + this.core.options.joinTimeoutMs);
    if (!isTogether(source) || source.phase !== 'ready') return { type: 'discovering', since: mono };
    if (!this.receiver.isBusy) this.receiver.want(source);
    return this.state === state ? state : this.state;
  }

  private catchUp(state: JoinState & { type: 'catchingUp' }): JoinState {
    // A peer that replaced its store no longer has what it had told of.
    const late = this.readyPeers().filter((peer) => !hasGoal(state.goals.get(peer), peer));
    // A peer that was not heard when the copy was complete may know more.
    if (late.length > 0) {
      const goals = new Map([...state.goals, ...late.map((peer) => [peer, goalOf(peer)] as const)]);
      return { ...state, goals };
    }
    const open = this.openOf(state.goals);
    const isLate = this.core.now.mono >= state.until;
    const isMissing = this.core.peers.where((peer) => peer.presence === 'up' && isUnheard(peer)).length > 0;
    if (open.length === 0 && (isLate || !isMissing)) {
      // Others went on writing while this node waited for somebody.
      if (this.isOld(state) && this.openOf(this.goals()).length > 0) return this.withGoals(state.until);
      // Cut off right after its copy was whole: it may begin with others, and not alone.
      if (this.readyPeers().length === 0) return { type: 'discovering', since: this.core.now.mono };
      return { type: 'ready', isComplete: true };
    }
    const [peer] = open;
    if (peer !== undefined && !this.receiver.isBusy) this.receiver.want(peer);
    return this.state === state ? state : this.state;
  }

  private withGoals(until: number): JoinState {
    return { type: 'catchingUp', goals: this.goals(), since: this.core.now.mono, until };
  }

  /** Twice the time between clocks has passed. Not for ever, because others may write faster than this node copies. */
  private isOld({ since, until }: JoinState & { type: 'catchingUp' }): boolean {
    const { now, options } = this.core;
    return now.mono - since > 2 * options.clockIntervalMs && now.mono < until + options.joinTimeoutMs;
  }

  private goals(): ReadonlyMap<Peer, Goal> {
    return new Map(this.readyPeers().map((peer) => [peer, goalOf(peer)] as const));
  }

  /** Peers in reach of which not all that they had is here. */
  private openOf(goals: ReadonlyMap<Peer, Goal>): Peer[] {
    const { origins } = this.core.state;
    return [...goals].flatMap(([peer, { clock }]) =>
      isTogether(peer) && !origins.covers(clock) ? peer : [],
    );
  }

  private readyPeers(): Peer[] {
    return this.core.peers.where((peer) => isTogether(peer) && peer.phase === 'ready');
  }

  /** Nobody in reach has the store, and what those have that are not ready either is merged (S2). */
  private mayBegin(since: number): boolean {
    const { core, receiver, settledAt } = this;
    const { joinTimeoutMs } = core.options;
    const { mono } = core.now;
    // Somebody with a store may be about to be met.
    if (settledAt === undefined) return false;
    const hasCompany = core.config.isCounted ? this.hasQuorum() : this.readyPeers().length === 0;
    if (!hasCompany) return false;
    // It may have the store. A quorum without one proves that a majority was lost, so that it does not wait for ever.
    const unheard = core.peers.where((peer) => isPresent(peer) && isUnheard(peer));
    const patience = core.config.isCounted ? settledAt + joinTimeoutMs : Infinity;
    if (unheard.length > 0 && mono < patience) return false;
    const isHalf = !core.config.isCounted && core.state.knowledge.isPartial;
    if (isHalf && mono < since + joinTimeoutMs) return false;
    const lacking = core.peers.where(isTogether).find((peer) => receiver.lacks(peer));
    if (lacking === undefined) return true;
    if (!receiver.isBusy) receiver.want(lacking);
    return false;
  }

  /** Voters that are not ready and all have a link with each other make a quorum with this one. */
  private hasQuorum(): boolean {
    const { core } = this;
    if (!core.votes) return false;
    const self = core.config.self.incarnation;
    const voters = core.voters(
      (peer) => isTogether(peer) && peer.phase === 'joining' && peer.meets.has(self),
    );
    // Links may be missing, so that the largest group depends on who is taken first.
    const groups = [[], ...voters.map((first) => groupAround(first, voters))];
    return groups.some((group) => group.length + 1 >= core.acks.needed);
  }
}

function groupAround(first: Peer, voters: readonly Peer[]): Peer[] {
  const group = [first];
  for (const peer of voters) {
    const isMutual = group.every(
      (other) => other.meets.has(peer.node.incarnation) && peer.meets.has(other.node.incarnation),
    );
    if (peer !== first && isMutual) group.push(peer);
  }
  return group;
}

function goalOf({ replica, clock }: Peer): Goal {
  return { generation: replica?.generation, clock: [...clock] };
}

function hasGoal(goal: Goal | undefined, { replica }: Peer): boolean {
  return goal !== undefined && goal.generation === replica?.generation;
}

/** What it has is not known yet, or cannot be merged yet. */
function isUnheard({ relation }: Peer): boolean {
  return relation === 'stranger' || relation === 'behind';
}
