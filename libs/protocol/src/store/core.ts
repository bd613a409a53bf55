/**
 * What the parts of a replica share: the store, the peers, and the reading of the clocks of the step that is running.
 */
import type { Instant } from '../instant.js';
import { hasVote, type Incarnation } from '../node.js';
import { Effects } from './effects.js';
import type { ReplicaConfig } from './machine.js';
import type { ReplicaPhase } from './message.js';
import type { StoreOptions } from './options.js';
import { Acknowledgements } from './replication/acknowledgements.js';
import {
  isPresent,
  isTogether,
  Peers,
  RELATIONS,
  type Peer,
  type RelationEvent,
} from './replication/peers.js';
import type { Replica } from './state/entry.js';
import { HybridTime } from './state/hybrid-time.js';
import { StoreState } from './state/store-state.js';

/** Who leads, as far as this node knows (P4). */
export interface KnownLeader {
  readonly node: Incarnation | undefined;
  readonly token: number;
}

export class Core {
  readonly options: StoreOptions;
  readonly effects = new Effects();
  readonly peers: Peers;
  /** This node counts for a quorum (L5). */
  readonly votes: boolean;
  readonly time: HybridTime;
  readonly acks: Acknowledgements;
  state: StoreState;
  now: Instant = { mono: 0, wall: 0 };
  phase: ReplicaPhase = 'joining';
  leader: KnownLeader = { node: undefined, token: 0 };
  /** The highest token of a leader that was ever known here. */
  term = 0;

  constructor(readonly config: ReplicaConfig) {
    const { self, options, voters } = config;
    this.options = options;
    const named = voters === undefined ? undefined : new Set(voters);
    this.votes = hasVote(named, self);
    this.peers = new Peers(named);
    this.time = new HybridTime(options.skewMaxMs);
    this.acks = new Acknowledgements(this.peers, this.effects, options.writeTimeoutMs, this.votes);
    this.state = this.newState(0, (effect) => this.effects.push(effect));
  }

  /** An empty store of this node. A copy that is made beside the store tells nobody of its changes (P4). */
  newState(generation: number, tell: StoreState['entries']['tell']): StoreState {
    const { name, incarnation } = this.config.self;
    return new StoreState({ name, incarnation, generation }, this.options, this.config.resolver, tell);
  }

  get self(): Replica {
    return this.state.origins.self.replica;
  }

  get counter(): number {
    return this.state.origins.self.counter;
  }

  /** This node has the whole store, and answers from it (S7). */
  get hasStore(): boolean {
    return this.phase !== 'joining';
  }

  /** What a replica goes on as, as far as its node has told: a `keep` makes another one of it (P4). */
  current(replica: Replica): Replica {
    if (replica.incarnation === this.config.self.incarnation) return this.self;
    return this.peers.get(replica.incarnation)?.replica ?? replica;
  }

  /** Changes what a peer is to this node, and tells the application when replication with it begins or ends. */
  relate(peer: Peer, event: RelationEvent): void {
    peer.relation = RELATIONS[event][peer.relation];
    this.refresh(peer);
  }

  refresh(peer: Peer): void {
    const connected = isTogether(peer);
    if (peer.isStreaming && (!connected || peer.link === 'congested')) peer.isStreaming = false;
    this.peers.changed();
    if (connected === peer.connected) return;
    peer.connected = connected;
    this.effects.push({ type: connected ? 'connected' : 'disconnected', node: peer.node });
  }

  /** Peers that count for a quorum. */
  voters(which: (peer: Peer) => boolean): Peer[] {
    return this.peers.where((peer) => peer.votes && which(peer));
  }

  /** Voters that this node is together with or sees up, itself included. */
  votersPresent(): number {
    return this.voters(isPresent).length + Number(this.votes);
  }
}
