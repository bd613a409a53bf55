/**
 * The receiving end of a transfer (S7, S8): fetches what a peer knows and this node does not, from one peer at a time. Each
 * bucket is merged as a whole, with what the sender knew when it read it, so that a transfer may break off at any part.
 */
import type { Core } from '../core.js';
import type { MessageOf } from '../message.js';
import { ALL_BUCKETS } from '../state/key-map.js';
import { ReplicaList } from '../state/origins.js';
import type { StoreState } from '../state/store-state.js';
import { contextOf, type VersionVector } from '../state/version-vector.js';
import { isLinked, isTogether, type Peer } from './peers.js';
import { Staging } from './staging.js';
import type { Stream } from './stream.js';

type Part = MessageOf<'chunk'> | MessageOf<'recent'>;

/** Parts ahead of their turn that are kept. */
const EARLY_MAX = 8;

interface Session {
  readonly peer: Peer;
  readonly number: number;
  /** Of the replica that is read. */
  readonly generation: number | undefined;
  /** Where it goes: the store, or a copy beside it (P4). */
  readonly target: StoreState;
  /** The clock of the pull. */
  readonly asked: VersionVector;
  seq: number;
  until: number;
  /** What the sender knew, by its last message. Never changed, only replaced. */
  vector: VersionVector;
  /** What it knew first: at the end, this holds for all buckets. */
  floor: VersionVector | undefined;
  /** What the sender's buckets knew beyond its clock. */
  ahead: number;
  readonly staging: Staging;
  /** Parts that have overtaken others, by their number. */
  readonly early: Map<number, Part>;
}

export interface TransferListener {
  /** Everything that the peer had is here. */
  pulled(peer: Peer): void;
  /** A transfer came to nothing. */
  pullFailed(peer: Peer): void;
  /** Runs around each change by a transfer, so that it can be counted. */
  taking(take: () => void): void;
}

export class TransferReceiver {
  private current: Session | undefined;
  private readonly wanted = new Set<Peer>();
  private number = 0;
  /** Monotonic time at which a part came last. */
  movedAt = -Infinity;
  /** A copy is made beside the store, and from whom (P4). */
  private beside: { readonly target: StoreState; readonly source: Peer } | undefined;

  constructor(
    private readonly core: Core,
    private readonly stream: Stream,
    private readonly listener: TransferListener,
  ) {}

  get isBusy(): boolean {
    return this.current !== undefined;
  }

  get nextDeadline(): number {
    return this.current?.until ?? Infinity;
  }

  /** The peer knows something that this node does not. */
  lacks(peer: Peer): boolean {
    const { origins, knowledge } = this.core.state;
    if (!origins.covers(peer.clock)) return true;
    return peer.ahead !== 0 && peer.ahead !== peer.aheadTaken && peer.ahead !== knowledge.digest;
  }

  /** Fetches what the peer has said to know, when its turn comes. */
  want(peer: Peer): void {
    if (this.current?.peer === peer) return;
    this.wanted.add(peer);
    this.proceed();
  }

  /** Copies all that a peer has into another state, before anything else is fetched (P4). */
  copyBeside(source: Peer, target: StoreState): void {
    this.dropAll();
    this.beside = { source, target };
    this.proceed();
  }

  /** The copy beside the store is not wanted any more. */
  endCopy(): void {
    if (this.current?.target === this.beside?.target) this.current = undefined;
    this.beside = undefined;
    this.proceed();
  }

  drop(peer: Peer): void {
    this.wanted.delete(peer);
    if (this.beside?.source === peer) this.beside = undefined;
    if (this.current?.peer === peer) this.fail();
  }

  dropAll(): void {
    this.wanted.clear();
    this.beside = undefined;
    this.current = undefined;
  }

  expire(mono: number): void {
    if (this.current !== undefined && this.current.until <= mono) this.fail();
  }

  unable(peer: Peer, session: number): void {
    if (this.current?.peer === peer && this.current.number === session) this.fail();
  }

  takeDigests(peer: Peer, message: MessageOf<'digests'>): void {
    const session = this.sessionOf(peer, message.session);
    if (session === undefined || session.floor !== undefined) return;
    const { target } = session;
    const numbers = target.origins.numbers(message.replicas);
    session.vector = target.origins.readChanges(session.asked, message.clock, numbers);
    session.floor = session.vector;
    session.ahead = message.ahead;
    const isAhead = message.ahead !== 0 && message.ahead !== target.knowledge.digest;
    const buckets = isAhead ? ALL_BUCKETS : target.entries.digests.differing(message.digests);
    const differing = new Set(buckets);
    for (const bucket of ALL_BUCKETS)
      if (!differing.has(bucket)) target.knowledge.raiseBucket(bucket, session.vector);
    if (buckets.length === 0) return this.complete(session);
    this.core.effects.send(peer.node.incarnation, { type: 'buckets', session: session.number, buckets });
  }

  takePart(peer: Peer, message: Part): void {
    const session = this.sessionOf(peer, message.session);
    if (session === undefined || message.seq < session.seq || message.seq >= session.seq + EARLY_MAX) return;
    session.early.set(message.seq, message);
    for (
      let part = session.early.get(session.seq);
      part !== undefined;
      part = session.early.get(session.seq)
    ) {
      session.early.delete(session.seq);
      const isLast = part.type === 'chunk' ? this.takeChunk(session, part) : this.takeRecent(session, part);
      if (isLast) return this.complete(session);
      this.confirm(session);
    }
  }

  /** Says whether it was the last. */
  private takeChunk(session: Session, message: MessageOf<'chunk'>): boolean {
    const { origins } = session.target;
    const numbers = origins.numbers(message.replicas);
    if (message.clock.length > 0) {
      const vector = [...session.vector];
      origins.readInto(vector, message.clock, numbers);
      session.vector = vector;
    }
    session.floor ??= session.vector;
    this.change(() => {
      for (const part of message.parts) session.staging.takeBucket(part, numbers, session.vector);
    });
    return message.isLast;
  }

  private takeRecent(session: Session, message: MessageOf<'recent'>): boolean {
    const { target } = session;
    const numbers = target.origins.numbers(message.replicas);
    session.staging.push(message.states, numbers);
    if (message.clock === null) return false;
    session.vector = target.origins.readChanges(session.asked, message.clock, numbers);
    session.floor = session.vector;
    this.change(() => session.staging.merge(contextOf(session.vector)));
    return true;
  }

  /** What this node has written so far has not seen what comes now. */
  private change(take: () => void): void {
    this.stream.sendDeltas();
    this.listener.taking(take);
  }

  private complete(session: Session): void {
    const { peer, target, floor } = session;
    this.stream.sendDeltas();
    if (floor !== undefined) target.knowledge.raiseAll(floor);
    peer.aheadTaken = session.ahead;
    this.current = undefined;
    if (target === this.core.state) this.stream.drainAll();
    else this.beside = undefined;
    this.listener.pulled(peer);
    this.proceed();
  }

  private confirm(session: Session): void {
    this.movedAt = this.core.now.mono;
    const seq = session.seq++;
    session.until = this.core.now.mono + this.core.options.pullTimeoutMs;
    this.core.effects.send(session.peer.node.incarnation, { type: 'next', session: session.number, seq });
  }

  private sessionOf(peer: Peer, number: number): Session | undefined {
    const { current } = this;
    if (current?.peer !== peer || current.number !== number) return undefined;
    // A replica that is no more was read.
    const isOpen = current.target === this.core.state ? isTogether(peer) : isLinked(peer);
    if (peer.replica?.generation === current.generation && isOpen) return current;
    this.fail();
    return undefined;
  }

  private proceed(): void {
    if (this.current !== undefined) return;
    if (this.beside !== undefined) return this.begin(this.beside.source, this.beside.target);
    for (const peer of this.wanted) {
      this.wanted.delete(peer);
      if (!isTogether(peer)) continue;
      if (this.lacks(peer)) return this.begin(peer, this.core.state);
      this.listener.pulled(peer);
    }
  }

  private begin(peer: Peer, target: StoreState): void {
    const { core } = this;
    const names = new ReplicaList(target.origins);
    const clock = names.clock();
    const { isBlank } = target;
    const asked = target.origins.vector();
    this.current = {
      peer,
      number: ++this.number,
      generation: peer.replica?.generation,
      target,
      asked,
      seq: 0,
      until: core.now.mono + core.options.pullTimeoutMs,
      vector: [],
      floor: undefined,
      ahead: peer.ahead,
      staging: new Staging(core, target, peer),
      early: new Map(),
    };
    const { replicas } = names;
    core.effects.send(peer.node.incarnation, {
      type: 'pull',
      session: this.number,
      replicas,
      clock,
      isBlank,
    });
  }

  private fail(): void {
    const failed = this.current;
    this.current = undefined;
    if (failed !== undefined) this.listener.pullFailed(failed.peer);
    this.proceed();
  }
}
