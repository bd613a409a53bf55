/**
 * The memory that the engine and the application's main thread share: until when this node leads, under which token, and
 * how often the main thread has beaten. L2: asking who leads is a few loads and a look at the clocks, no message.
 *
 * Times are kept in whole microseconds, because only integers are loaded without tearing. They are rounded down, so that
 * rounding never lengthens a lease (L1).
 */
import type { Lease } from '@nest-cluster/protocol';
import { wallMs } from '../ports/clock.js';

const UNTIL = 0;
const WALL_UNTIL = 1;
const TOKEN = 2;
const BEATS_OFFSET = 24;
/** The last bits of the token, which are told apart faster than the whole of it. */
const TAG = 1;
const BYTES = 32;
const MICROS_PER_MS = 1_000;

export class LeaseCell {
  private readonly lease: BigInt64Array;
  private readonly beats: Int32Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.lease = new BigInt64Array(memory, 0, 3);
    this.beats = new Int32Array(memory, BEATS_OFFSET, 2);
  }

  /**
   * Under a new token the old deadline is taken away first, so that nobody ever reads a deadline together with a token that
   * it does not belong to. Within a term each deadline on its own is a true one, whichever is read old or new.
   */
  set({ until, wallUntil, token }: Lease): void {
    const named = BigInt(token);
    if (Atomics.load(this.lease, TOKEN) !== named) {
      Atomics.store(this.lease, UNTIL, 0n);
      Atomics.store(this.lease, TOKEN, named);
      Atomics.store(this.beats, TAG, token | 0);
    }
    Atomics.store(this.lease, WALL_UNTIL, micros(wallUntil));
    Atomics.store(this.lease, UNTIL, micros(until));
  }

  clear(): void {
    Atomics.store(this.lease, UNTIL, 0n);
  }

  /**
   * Time of `monotonicMs()` until which this node leads; 0 when it does not, when the wall clock says that it is over, or when
   * the term is not that of `token`. The token is looked at after the lease, so that what was read is of this term.
   */
  until(token?: number): number {
    const until = Number(Atomics.load(this.lease, UNTIL));
    if (until === 0) return 0;
    if (token !== undefined && Atomics.load(this.beats, TAG) !== (token | 0)) return 0;
    const wallUntil = Number(Atomics.load(this.lease, WALL_UNTIL));
    return wallMs() * MICROS_PER_MS < wallUntil ? until / MICROS_PER_MS : 0;
  }

  /** Token of the term that `until` speaks of; 0 when there is none. */
  token(): number {
    return this.until() === 0 ? 0 : Number(Atomics.load(this.lease, TOKEN));
  }

  /** The main thread makes progress (L8, M4). */
  beat(): void {
    Atomics.add(this.beats, 0, 1);
  }

  beaten(): number {
    return Atomics.load(this.beats, 0);
  }
}

function micros(ms: number): bigint {
  return BigInt(Math.max(0, Math.floor(ms * MICROS_PER_MS)));
}
