/**
 * New writes, out and in (S1, S2). A write is applied here at once and leaves with all others of its turn in one message to
 * every peer. Writes of peers are applied in causal order; one number per peer acknowledges all that came in a turn.
 */
import type { Core } from '../core.js';
import type { AckLevel } from '../machine.js';
import type { Delta } from '../message.js';
import type { Sibling, StoredValue } from '../state/entry.js';
import { bucketOf } from '../state/key-map.js';
import { ReplicaList, readPairs } from '../state/origins.js';
import { contextOf, raise, type Context } from '../state/version-vector.js';
import type { Deltas, Waiting } from './inbox.js';
import { isTogether, type Peer } from './peers.js';

export class Stream {
  private number = 0;
  /** Writes of this turn; `beyond` still by this node's numbers. */
  private outbox: Delta[] = [];
  private outboxBytes = 0;
  private heldOwed = false;

  constructor(private readonly core: Core) {}

  /** Something is to be sent at the end of the turn. */
  get waits(): boolean {
    return this.outbox.length > 0 || this.heldOwed;
  }

  /** Monotonic time at which a write that waits for others is late. */
  get nextDeadline(): number {
    let next = Infinity;
    for (const { inbox } of this.core.peers.all())
      if (inbox.blockedSince !== undefined)
        next = Math.min(next, inbox.blockedSince + this.core.options.patienceMs);
    return next;
  }

  /** Writes a value, or deletes with none. */
  write(id: number, key: string, value: StoredValue | undefined, ttlMs: number, ack: AckLevel): void {
    this.mint(key, value, ttlMs);
    this.core.acks.add(id, this.core.counter, ack, this.core.now.mono);
  }

  /** Makes the next dot of this node. */
  mint(key: string, value: StoredValue | undefined, ttlMs: number): void {
    const { core } = this;
    const { origins, entries, knowledge } = core.state;
    const { self } = origins;
    const { wall } = core.now;
    const time = core.time.next(wall);
    const beyond = knowledge.isPartial ? knowledge.beyond(bucketOf(key)) : undefined;
    const expiresAt = ttlMs > 0 && value !== undefined ? Math.floor(wall) + ttlMs : 0;
    origins.append(self, key);
    const { counter } = self;
    if (value === undefined) entries.delete(key);
    else entries.write(key, { origin: self.index, counter, value, time, expiresAt });
    if (core.peers.targets().length === 0) return;
    this.outbox.push({ counter, key, value, time, expiresAt, beyond });
    this.outboxBytes += key.length + (value?.byteLength ?? 0);
    const { batchEntriesMax, batchBytesMax } = core.options;
    if (this.outbox.length >= batchEntriesMax || this.outboxBytes >= batchBytesMax) this.sendDeltas();
  }

  /** The peer gets every write from here on. */
  open(peer: Peer): void {
    if (peer.isStreaming || !isTogether(peer) || peer.link !== 'open') return;
    this.sendDeltas();
    const { origins } = this.core.state;
    const names = new ReplicaList(origins);
    names.number(origins.self.index);
    const context = names.clock();
    const { replicas } = names;
    const start: Deltas = {
      type: 'deltas',
      stream: this.number,
      isStart: true,
      replicas,
      context,
      deltas: [],
    };
    this.core.effects.send(peer.node.incarnation, start);
    peer.isStreaming = true;
    this.core.peers.changed();
  }

  /** The peer has lost the stream. */
  reopen(peer: Peer): void {
    peer.isStreaming = false;
    this.open(peer);
  }

  receive(peer: Peer, message: Deltas): void {
    const { core } = this;
    const sender = message.replicas[0];
    if (!isTogether(peer) || sender?.generation !== peer.replica?.generation) return;
    const { inbox } = peer;
    const numbers = core.state.origins.numbers(message.replicas);
    if (message.isStart) {
      inbox.start(message.stream);
      core.state.origins.readInto(inbox.context, message.context, numbers);
      core.state.origins.readInto(peer.clock, message.context, numbers);
      return;
    }
    const place = inbox.place(message);
    if (place === 'old') return;
    if (place === 'gap') return this.lose(peer);
    inbox.push({ message, numbers }, core.options.inboxMax);
    // It knows what it sends, also while that waits here.
    core.state.origins.readInto(peer.clock, message.context, numbers);
    const last = message.deltas[message.deltas.length - 1];
    if (last !== undefined) raise(peer.clock, peer.origin, last.counter);
    this.drain(peer);
    this.drainOthers(peer);
    this.owe(peer);
  }

  /** Applies what no longer waits for anything. */
  drainAll(): void {
    this.drainOthers(undefined);
  }

  /** Peers whose writes wait for others for too long. */
  late(): Peer[] {
    const { mono } = this.core.now;
    const { patienceMs } = this.core.options;
    return this.core.peers.where(
      ({ inbox }) => inbox.blockedSince !== undefined && inbox.blockedSince + patienceMs <= mono,
    );
  }

  /** Asks again for streams that are lost. */
  resumeAll(): void {
    for (const peer of this.core.peers.all())
      if (isTogether(peer) && peer.inbox.isLost) this.core.effects.send(peer.node.incarnation, RESUME);
  }

  /** The peer will be told at the end of the turn how far its dots are known here. */
  owe(peer: Peer): void {
    peer.owesHeld = true;
    this.heldOwed = true;
  }

  oweAll(): void {
    for (const peer of this.core.peers.all()) if (isTogether(peer)) this.owe(peer);
  }

  held(peer: Peer, generation: number, counter: number): void {
    if (generation !== this.core.self.generation || counter <= peer.held) return;
    peer.held = Math.min(counter, this.core.counter);
    this.core.acks.review();
  }

  /** Sends what waits. Called at the end of a turn. */
  flush(): void {
    this.sendDeltas();
    if (!this.heldOwed) return;
    this.heldOwed = false;
    for (const peer of this.core.peers.all()) {
      if (!peer.owesHeld) continue;
      peer.owesHeld = false;
      if (!isTogether(peer) || peer.link === 'congested' || peer.replica === undefined) continue;
      const { generation } = peer.replica;
      const { counter } = this.core.state.origins.at(peer.origin);
      this.core.effects.send(peer.node.incarnation, { type: 'held', generation, counter });
    }
  }

  /**
   * Must run before anything of a peer is merged: a write has seen what was known when it was made, and the context of its
   * message must not say more.
   */
  sendDeltas(): void {
    if (this.outbox.length === 0) return;
    const { state, effects, peers } = this.core;
    const { origins } = state;
    const deltas = this.outbox;
    this.outbox = [];
    this.outboxBytes = 0;
    const to = peers.targets();
    if (to.length === 0) return;
    const names = new ReplicaList(origins);
    names.number(origins.self.index);
    const context = names.clock(origins.takePending().filter((origin) => origin !== origins.self));
    for (let at = 0; at < deltas.length; at++) {
      const delta = deltas[at] as Delta;
      if (delta.beyond !== undefined) deltas[at] = { ...delta, beyond: names.pairs(delta.beyond) };
    }
    const { replicas } = names;
    const message: Deltas = {
      type: 'deltas',
      stream: ++this.number,
      isStart: false,
      replicas,
      context,
      deltas,
    };
    effects.push({ type: 'send', to, message });
  }

  /** What was written to a store that is no more must not leave (P4). */
  discard(): void {
    this.outbox = [];
    this.outboxBytes = 0;
  }

  private lose(peer: Peer): void {
    if (peer.inbox.isLost) return;
    peer.inbox.lose();
    this.core.effects.send(peer.node.incarnation, RESUME);
  }

  private drainOthers(drained: Peer | undefined): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const peer of this.core.peers.all()) {
        if (peer === drained || peer.inbox.first === undefined) continue;
        moved = this.drain(peer) || moved;
      }
      if (moved) drained = undefined;
    }
  }

  /** Says whether anything was applied. */
  private drain(peer: Peer): boolean {
    const { inbox } = peer;
    let moved = false;
    for (let first = inbox.first; first !== undefined; first = inbox.first) {
      if (!this.isDue(peer, first)) {
        inbox.blockedSince ??= this.core.now.mono;
        return moved;
      }
      inbox.shift();
      this.apply(peer, first);
      moved = true;
    }
    return moved;
  }

  /** Everything that its writer had seen is known here. */
  private isDue(peer: Peer, { message, numbers }: Waiting): boolean {
    const { origins, knowledge } = this.core.state;
    const own = origins.at(peer.origin);
    const { deltas, context } = message;
    const last = deltas[deltas.length - 1];
    const first = deltas[0];
    if (first === undefined || last === undefined || last.counter <= own.counter) return true;
    if (first.counter > own.counter + 1) return false;
    const isKnown = (origin: number, counter: number): boolean =>
      origin === peer.origin || origin === origins.self.index || origins.has(origin, counter);
    if (!context.every(({ origin, counter }) => isKnown(numbers[origin] ?? 0, counter))) return false;
    return deltas.every(({ key, beyond }) => {
      if (beyond === undefined) return true;
      const pairs = readPairs(beyond, numbers);
      const bucket = bucketOf(key);
      for (let at = 0; at < pairs.length; at += 2)
        if (!knowledge.has(bucket, pairs[at] as number, pairs[at + 1] as number)) return false;
      return true;
    });
  }

  private apply(peer: Peer, { message, numbers }: Waiting): void {
    const { core } = this;
    const { origins, entries, knowledge } = core.state;
    const { wall } = core.now;
    const { context: seen } = peer.inbox;
    origins.readInto(seen, message.context, numbers);
    const origin = origins.at(peer.origin);
    const { index } = origin;
    // Grows with each write that is applied.
    const plain = contextOf(seen);
    for (const { counter, key, value, time, expiresAt, beyond } of message.deltas) {
      if (counter !== origin.counter + 1) continue;
      core.time.see(time, wall);
      const isIncluded = knowledge.isPartial && knowledge.has(bucketOf(key), index, counter);
      raise(seen, index, counter - 1);
      const context = beyond === undefined ? plain : contextWith(seen, readPairs(beyond, numbers));
      const sibling: Sibling | undefined =
        value === undefined ? undefined : { origin: index, counter, value, time, expiresAt };
      if (!isIncluded) entries.apply(key, sibling, index, context, wall);
      origins.append(origin, key);
    }
    const last = message.deltas[message.deltas.length - 1];
    if (last !== undefined) raise(seen, index, last.counter);
  }
}

const RESUME = { type: 'resume' } as const;

function contextWith(seen: readonly number[], beyond: readonly number[]): Context {
  return {
    has(origin, counter) {
      if (counter <= (seen[origin] ?? 0)) return true;
      for (let at = 0; at < beyond.length; at += 2)
        if (beyond[at] === origin) return counter <= (beyond[at + 1] as number);
      return false;
    },
  };
}
