/**
 * What the parts of a replica share: the entries, who wrote what, who is there, and the reading of the clocks of the step
 * that is running. It decides nothing by itself.
 */
import type { Instant } from '../instant.js';
import { bySeniority, hasVote } from '../node.js';
import { Acknowledgements } from './acknowledgements.js';
import { Effects } from './effects.js';
import { Entries } from './entries.js';
import type { Replica } from './entry.js';
import { HybridTime } from './hybrid-time.js';
import type { ReplicaConfig } from './machine.js';
import type { StoreOptions } from './options.js';
import { Origins, replicaId } from './origins.js';
import { Peers, present, together, type Peer } from './peers.js';
import { Stability } from './stability.js';

export class Core {
  readonly options: StoreOptions;
  readonly effects = new Effects();
  readonly peers: Peers;
  /** This node counts for a quorum (L5). */
  readonly votes: boolean;
  readonly time: HybridTime;
  readonly origins: Origins;
  readonly entries: Entries;
  readonly acks: Acknowledgements;
  readonly stability: Stability;
  /** Replicas that were forgotten, oldest first (S4). */
  readonly fenced = new Map<string, Replica>();
  /** Those of them whose side was given up by choice (P4). */
  private readonly givenUp = new Set<string>();
  now: Instant = { mono: 0, wall: 0 };
  /** This node has the whole store (S7). */
  ready = false;

  constructor(readonly config: ReplicaConfig) {
    const { self, options, resolver, voters } = config;
    this.options = options;
    const named = voters === undefined ? undefined : new Set(voters);
    this.votes = hasVote(named, self);
    this.peers = new Peers(named);
    this.time = new HybridTime(options.skewMaxMs);
    this.origins = new Origins(
      { name: self.name, incarnation: self.incarnation, generation: 0 },
      options.logMax,
    );
    this.entries = new Entries(this.origins, this.effects, resolver, options.siblingsMax);
    this.acks = new Acknowledgements(this.peers, this.effects, options.writeTimeoutMs, this.votes);
    this.stability = new Stability(this.origins, this.entries);
  }

  get counter(): number {
    return this.origins.self.dots.base;
  }

  /** Tells the application when replication with a peer begins or ends. */
  refresh(peer: Peer): void {
    this.peers.changed();
    const connected = together(peer);
    if (connected === peer.connected) return;
    peer.connected = connected;
    this.effects.push({ type: connected ? 'connected' : 'disconnected', node: peer.node });
  }

  /** Shuts a replica out for good: nothing that it still holds may come back (S4). */
  fence(replica: Replica): void {
    this.fenced.set(replicaId(replica), replica);
    if (this.fenced.size > this.options.fencedMax) {
      for (const oldest of this.fenced.keys()) {
        this.fenced.delete(oldest);
        this.givenUp.delete(oldest);
        break;
      }
    }
  }

  /** The same, because somebody chose the other side. */
  giveUp(replica: Replica): void {
    this.fence(replica);
    this.givenUp.add(replicaId(replica));
  }

  isGivenUp(replica: Replica): boolean {
    return this.givenUp.has(replicaId(replica));
  }

  /** As another replica, this node has forgotten nobody but what it was. */
  forgetFenced(): void {
    this.fenced.clear();
    this.givenUp.clear();
  }

  isFenced(replica: Replica | undefined): boolean {
    return replica !== undefined && this.fenced.has(replicaId(replica));
  }

  /**
   * Nobody is away who could hold alone what was confirmed: a quorum is there, and everybody whom the most senior of them has
   * known. One that came later cannot know who is away.
   */
  isComplete(roster: readonly Peer[]): boolean {
    if (this.voters(present).length + Number(this.votes) < this.acks.needed) return false;
    const { self } = this.config;
    return roster.every(({ linked, greeted, node }) => linked && greeted && bySeniority(self, node) < 0);
  }

  /** Peers that count for a quorum. */
  voters(which: (peer: Peer) => boolean): Peer[] {
    return this.peers.where((peer) => peer.votes && which(peer));
  }

  /** Whose clocks count before a delete is forgotten (S4). */
  roster(): Peer[] {
    return this.peers.where((peer) => !peer.fenced && (present(peer) || peer.failedAt !== undefined));
  }
}
