/**
 * What the application asks to be written, and when it is refused (S1, S7, P2).
 */
import type { ClusterErrorCode } from '../error.js';
import type { Core } from './core.js';
import { holds, type DotSet } from './dots.js';
import type { Entry, StoredValue } from './entry.js';
import type { AckLevel } from './machine.js';
import type { Replication } from './replication.js';

interface Clearing {
  readonly id: number;
  readonly ack: AckLevel;
  readonly entries: Iterator<readonly [string, Entry]>;
  /** Hybrid time at which it began: what is written later stays. */
  readonly time: number;
  /** What was held then, by origin: a clock that runs far ahead makes what is old look new. */
  readonly held: readonly DotSet[];
}

/** Keys that a `clear` looks at per tick. */
const CLEARS_PER_TICK = 512;

export class Writing {
  /** Nodes that membership sees up and that count for a quorum, this one included. */
  up = 1;
  private clearing: Clearing[] = [];

  constructor(
    private readonly core: Core,
    private readonly replication: Replication,
  ) {}

  get hasWork(): boolean {
    return this.clearing.length > 0;
  }

  write(id: number, key: string, value: StoredValue, ttlMs: number, ack: AckLevel): void {
    if (this.refuses(id)) return;
    this.replication.write(id, key, value, ttlMs, ack);
  }

  /** What is not there needs no delete; yet the answer says that as many nodes know as were asked for. */
  delete(id: number, key: string, ack: AckLevel): void {
    if (this.refuses(id)) return;
    if (this.core.entries.map.get(key)?.value !== undefined) {
      this.replication.write(id, key, undefined, 0, ack);
      return;
    }
    this.core.acks.add(id, this.core.counter, ack, this.core.now.mono);
    // Nothing new is on its way that somebody could confirm.
    this.core.acks.review();
  }

  clear(id: number, ack: AckLevel): void {
    if (this.refuses(id)) return;
    const { entries, time, now, origins } = this.core;
    const held = origins.list.map(({ dots }) => ({ base: dots.base, above: [...dots.above] }));
    this.clearing.push({ id, ack, entries: entries.map[Symbol.iterator](), time: time.next(now.wall), held });
    this.work();
  }

  work(): void {
    const [clearing] = this.clearing;
    if (clearing === undefined) return;
    for (let count = 0; count < CLEARS_PER_TICK; count++) {
      const { value: next, done } = clearing.entries.next();
      if (done === true) return this.cleared(clearing);
      const [key, entry] = next;
      if (entry.value !== undefined && isOlder(entry, clearing)) this.replication.mint(key, undefined, 0);
    }
  }

  /** Nodes that have forgotten a delete show what it would have hidden, until they hear of another one (S4). */
  deleteAgain(): void {
    const { ready, entries } = this.core;
    if (!ready || entries.contested.size === 0) return;
    for (const key of entries.contested) {
      const entry = entries.map.get(key);
      // As old as it is: what was written after it has seen it, and stays.
      if (entry !== undefined && entry.value === undefined)
        this.replication.mint(key, undefined, 0, timeOfDelete(entry));
    }
    entries.contested.clear();
  }

  discard(): void {
    const code = 'CLUSTER_QUORUM_UNAVAILABLE';
    for (const { id } of this.clearing) {
      this.core.effects.push({
        type: 'failed',
        id,
        code,
        reason: 'this node dropped what it held meanwhile',
      });
    }
    this.clearing = [];
  }

  private cleared(clearing: Clearing): void {
    this.clearing.shift();
    this.core.acks.add(clearing.id, this.core.counter, clearing.ack, this.core.now.mono);
    this.core.acks.review();
  }

  private refuses(id: number): boolean {
    const { acks, options, ready } = this.core;
    if (!ready) return this.fail(id, 'CLUSTER_STORE_NOT_READY', 'this node has not copied the store yet');
    if (acks.size + this.clearing.length >= options.writesMax) {
      return this.fail(
        id,
        'CLUSTER_STORE_BUSY',
        `${options.writesMax} writes wait for acknowledgements already`,
      );
    }
    if (options.minority === 'read-only' && this.together() < acks.needed) {
      return this.fail(id, 'CLUSTER_MINORITY', 'this node sees no quorum, and the minority may only read');
    }
    return false;
  }

  /** Those of them that are not of another side. */
  private together(): number {
    let count = this.up;
    for (const peer of this.core.peers.all()) if (peer.votes && peer.up && peer.apart) count--;
    return count;
  }

  private fail(id: number, code: ClusterErrorCode, reason: string): true {
    this.core.effects.push({ type: 'failed', id, code, reason });
    return true;
  }
}

/** The latest write among them is the delete that hides the others; what has run out hides nothing. */
function timeOfDelete({ time, siblings }: Entry): number {
  return siblings?.find(({ value, expiresAt }) => value === undefined && expiresAt === 0)?.time ?? time;
}

function isOlder({ time, origin, counter }: Entry, began: Clearing): boolean {
  const held = began.held[origin];
  return time < began.time || (held !== undefined && holds(held, counter));
}
