/**
 * Writes that the application asks for, and when they are refused (S1, S7, P2).
 */
import type { ClusterErrorCode } from '../../error.js';
import type { Core } from '../core.js';
import type { AckLevel } from '../machine.js';
import { siblingsOf, type Entry, type StoredValue } from '../state/entry.js';
import { counterIn, type VersionVector } from '../state/version-vector.js';
import type { Stream } from './stream.js';

interface Clearing {
  readonly id: number;
  readonly ack: AckLevel;
  readonly entries: Iterator<readonly [string, Entry]>;
  /** What was known when it began: what is written later stays. */
  readonly known: VersionVector;
}

/** Keys that a `clear` looks at per tick. */
const CLEARS_PER_TICK = 512;

export class Writing {
  /** Nodes that membership sees up and that count for a quorum, this one included. */
  up = 1;
  private clearing: Clearing[] = [];

  constructor(
    private readonly core: Core,
    private readonly stream: Stream,
  ) {}

  get hasWork(): boolean {
    return this.clearing.length > 0;
  }

  write(id: number, key: string, value: StoredValue, ttlMs: number, ack: AckLevel): void {
    if (this.refuses(id)) return;
    this.stream.write(id, key, value, ttlMs, ack);
  }

  /** A key that is not there needs no dot; the answer still says that as many nodes know as were asked for. */
  delete(id: number, key: string, ack: AckLevel): void {
    if (this.refuses(id)) return;
    const { state, acks, now } = this.core;
    if (state.entries.table.has(key)) return this.stream.write(id, key, undefined, 0, ack);
    acks.add(id, this.core.counter, ack, now.mono);
    acks.review();
  }

  clear(id: number, ack: AckLevel): void {
    if (this.refuses(id)) return;
    const { entries, knowledge } = this.core.state;
    this.clearing.push({ id, ack, entries: entries.table[Symbol.iterator](), known: knowledge.highest() });
    this.work();
  }

  work(): void {
    const [clearing] = this.clearing;
    if (clearing === undefined) return;
    for (let count = 0; count < CLEARS_PER_TICK; count++) {
      const { value: next, done } = clearing.entries.next();
      if (done === true) return this.cleared(clearing);
      const [key, entry] = next;
      const isOlder = siblingsOf(entry).every(
        ({ origin, counter }) => counter <= counterIn(clearing.known, origin),
      );
      if (isOlder) this.stream.mint(key, undefined, 0);
    }
  }

  /** Fails what is under way, because the store is being replaced (P4). */
  discard(reason: string): void {
    for (const { id } of this.clearing) this.fail(id, 'CLUSTER_QUORUM_UNAVAILABLE', reason);
    this.clearing = [];
  }

  private cleared(clearing: Clearing): void {
    const { acks, now } = this.core;
    this.clearing.shift();
    acks.add(clearing.id, this.core.counter, clearing.ack, now.mono);
    acks.review();
  }

  private refuses(id: number): boolean {
    const { acks, options, phase } = this.core;
    if (phase === 'joining')
      return this.fail(id, 'CLUSTER_STORE_NOT_READY', 'this node has not copied the store yet');
    if (phase === 'replacing')
      return this.fail(
        id,
        'CLUSTER_STORE_NOT_READY',
        'this node is copying the side of the partition that was kept, and takes no writes until it has',
      );
    if (acks.size + this.clearing.length >= options.writesMax)
      return this.fail(
        id,
        'CLUSTER_STORE_BUSY',
        `${options.writesMax} writes wait for acknowledgements already`,
      );
    if (options.minority === 'read-only' && this.onThisSide() < acks.needed)
      return this.fail(id, 'CLUSTER_MINORITY', 'this node sees no quorum, and the minority may only read');
    return false;
  }

  /** Voters that are up and not of another side. */
  private onThisSide(): number {
    const isElsewhere = this.core.voters(
      ({ presence, relation }) => presence === 'up' && (relation === 'apart' || relation === 'behind'),
    );
    return this.up - isElsewhere.length;
  }

  private fail(id: number, code: ClusterErrorCode, reason: string): true {
    this.core.effects.push({ type: 'failed', id, code, reason });
    return true;
  }
}
