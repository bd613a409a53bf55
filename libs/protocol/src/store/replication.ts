/**
 * New writes, out and in (S1, S2). A write is applied here at once and leaves with all others of its turn in one message to
 * every peer; what came in during a turn is acknowledged with one number per peer.
 */
import type { Incarnation } from '../node.js';
import type { Core } from './core.js';
import type { Sibling, StoredValue } from './entry.js';
import type { AckLevel } from './machine.js';
import type { Delta, StoreMessage } from './message.js';
import { ReplicaList, readPairs } from './origins.js';
import { baseOf, together, type Peer } from './peers.js';

type Deltas = Extract<StoreMessage, { readonly type: 'deltas' }>;

export class Replication {
  /** Writes of this turn; `seen` still by this node's numbers. */
  private outbox: Delta[] = [];
  private outboxBytes = 0;
  private heldOwed = false;

  constructor(private readonly core: Core) {}

  get waits(): boolean {
    return this.outbox.length > 0 || this.heldOwed;
  }

  /** Writes a value, or deletes with none. */
  write(id: number, key: string, value: StoredValue | undefined, ttlMs: number, ack: AckLevel): void {
    this.mint(key, value, ttlMs);
    const { core } = this;
    core.acks.add(id, core.counter, ack, core.now.mono);
  }

  /** Mints the next dot of this node, for what is written now unless it is said when. */
  mint(
    key: string,
    value: StoredValue | undefined,
    ttlMs: number,
    time = this.core.time.next(this.core.now.wall),
  ): void {
    const { core } = this;
    const { self } = core.origins;
    const { wall } = core.now;
    const counter = self.dots.base + 1;
    const expiresAt = ttlMs > 0 && value !== undefined ? Math.floor(wall) + ttlMs : 0;
    const seen = core.entries.write(key, { origin: self.index, counter, value, time, expiresAt });
    self.dots.add(counter);
    self.log.add(counter, key, core.stability.stray);
    if (core.peers.targets().length === 0) return;
    this.outbox.push({ counter, key, value, time, expiresAt, seen });
    this.outboxBytes += key.length + (value?.byteLength ?? 0);
    const { batchEntriesMax, batchBytesMax } = core.options;
    if (this.outbox.length >= batchEntriesMax || this.outboxBytes >= batchBytesMax) this.sendDeltas();
  }

  receive(peer: Peer, message: Deltas): void {
    const { origins, entries, time, now, options, stability } = this.core;
    const sender = message.replicas[0];
    if (sender === undefined || !together(peer) || sender.generation !== peer.replica?.generation) return;
    const numbers = origins.numbers(message.replicas);
    const origin = origins.at(peer.origin);
    const { dots, log } = origin;
    for (const { counter, key, value, time: written, expiresAt, seen } of message.deltas) {
      if (dots.has(counter)) continue;
      if (counter > dots.base + 1 && dots.above.length >= 2 * options.gapsMax) continue;
      time.see(written, now.wall);
      const sibling: Sibling = { origin: origin.index, counter, value, time: written, expiresAt };
      const replaced = seen === undefined ? undefined : readPairs(seen, numbers);
      // Written after the clock that told of the floors, so that it has seen everything below them.
      const isLater = counter > baseOf(peer.report, peer.origin);
      entries.apply(key, sibling, replaced, now.wall, (each) => (isLater ? baseOf(peer.floors, each) : 0));
      dots.add(counter);
      log.add(counter, key, stability.stray);
    }
    this.owe(peer);
  }

  /** The peer will be told at the end of the turn how far its dots are held here. */
  owe(peer: Peer): void {
    peer.owesHeld = true;
    this.heldOwed = true;
  }

  oweAll(): void {
    for (const peer of this.core.peers.all()) if (together(peer)) this.owe(peer);
  }

  held(peer: Peer, generation: number, counter: number): void {
    if (generation !== this.core.origins.self.replica.generation || counter <= peer.held) return;
    peer.held = Math.min(counter, this.core.counter);
    this.core.acks.review();
  }

  /** Sends what waits. Called at the end of a turn, and before anything that must not overtake it. */
  flush(): void {
    if (this.outbox.length > 0) this.sendDeltas();
    if (!this.heldOwed) return;
    this.heldOwed = false;
    for (const peer of this.core.peers.all()) {
      if (!peer.owesHeld) continue;
      peer.owesHeld = false;
      if (!together(peer) || peer.congested || peer.replica === undefined) continue;
      const counter = this.core.origins.at(peer.origin).dots.base;
      this.core.effects.send(peer.node.incarnation, {
        type: 'held',
        generation: peer.replica.generation,
        counter,
      });
    }
  }

  /** What was written by a replica that is no more is not to leave. */
  discard(): void {
    this.outbox = [];
    this.outboxBytes = 0;
  }

  private sendDeltas(): void {
    const { origins, effects, peers } = this.core;
    const names = new ReplicaList(origins);
    names.number(origins.self.index);
    const deltas = this.outbox;
    this.discard();
    for (let at = 0; at < deltas.length; at++) {
      const delta = deltas[at] as Delta;
      if (delta.seen !== undefined) deltas[at] = { ...delta, seen: names.pairs(delta.seen) };
    }
    const to: readonly Incarnation[] = peers.targets();
    if (to.length > 0)
      effects.push({ type: 'send', to, message: { type: 'deltas', replicas: names.replicas, deltas } });
  }
}
