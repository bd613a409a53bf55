/**
 * The giving end of a transfer (S7, S8): sends another node what its clock lacks, part by part, each when the one before
 * was taken. What is recent is found in the logs; when those do not reach back far enough, the store is read through.
 * Writes go on meanwhile: a key that changes before its turn is sent as it is then.
 */
import type { Core } from './core.js';
import { holds, missing, NO_DOTS } from './dots.js';
import type { Entry, Replica } from './entry.js';
import { partsOf } from './join.js';
import type { Clock, KeyState, StoreMessage } from './message.js';
import { ReplicaList, type KnownClock } from './origins.js';
import { together, type Peer } from './peers.js';

type Pull = Extract<StoreMessage, { readonly type: 'pull' }>;
type Chunk = Extract<StoreMessage, { readonly type: 'chunk' }>;

interface Transfer {
  readonly session: number;
  seq: number;
  /** Keys to send; undefined in between counts what was looked at, so that no part takes long. */
  readonly keys: Iterator<string | undefined>;
  readonly whole: boolean;
  readonly replicas: readonly Replica[];
  /** What the other holds once it has everything. */
  readonly clock: Clock;
}

/** Keys or dots that are looked at for one part, and keys in it: neither end may stand still for long (S7). */
const LOOKS_PER_PART = 4_096;
const KEYS_PER_PART = 256;

export class Serving {
  private readonly transfers = new Map<Peer, Transfer>();

  constructor(private readonly core: Core) {}

  begin(peer: Peer, { session, replicas, clock }: Pull): void {
    const { origins, effects } = this.core;
    // A repeated request must not mix two readings of the store into one transfer.
    if (session <= peer.served) return;
    peer.served = session;
    if (!together(peer) || !this.core.ready)
      return effects.send(peer.node.incarnation, { type: 'unable', session });
    const theirs = origins.read(clock, origins.numbers(replicas));
    const whole = this.reachesBeyondLogs(theirs);
    const names = new ReplicaList(origins);
    const snapshot = names.clock();
    const keys = whole
      ? this.scan(theirs)
      : this.recent(theirs, origins.read(snapshot, origins.numbers(names.replicas)));
    this.transfers.set(peer, { session, seq: 0, keys, whole, replicas: names.replicas, clock: snapshot });
    this.sendPart(peer);
  }

  next(peer: Peer, session: number, seq: number): void {
    const transfer = this.transfers.get(peer);
    if (transfer === undefined || transfer.session !== session || transfer.seq !== seq) return;
    if (!together(peer)) return this.end(peer);
    transfer.seq++;
    this.sendPart(peer);
  }

  end(peer: Peer): void {
    this.transfers.delete(peer);
  }

  endAll(): void {
    this.transfers.clear();
  }

  private sendPart(peer: Peer): void {
    const transfer = this.transfers.get(peer);
    if (transfer === undefined) return;
    const { batchBytesMax } = this.core.options;
    const keysMax = Math.min(KEYS_PER_PART, this.core.options.batchEntriesMax);
    const names = new ReplicaList(this.core.origins);
    const states: KeyState[] = [];
    let bytes = 0;
    let done = false;
    for (let looks = 0; looks < LOOKS_PER_PART && bytes < batchBytesMax && states.length < keysMax; looks++) {
      const { value: key, done: ended } = transfer.keys.next();
      if (ended === true) {
        done = true;
        break;
      }
      const entry = key === undefined ? undefined : this.core.entries.map.get(key);
      if (key === undefined || entry === undefined) continue;
      const state = stateOf(key, entry, names);
      states.push(state);
      bytes += key.length + state.siblings.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0);
    }
    const first = transfer.whole && transfer.seq === 0 ? this.firstOf(names) : null;
    const last = done ? this.lastOf(transfer, names) : null;
    if (done) this.transfers.delete(peer);
    const { session, seq, whole } = transfer;
    this.core.effects.send(peer.node.incarnation, {
      type: 'chunk',
      session,
      seq,
      replicas: names.replicas,
      states,
      whole,
      first,
      last,
    });
  }

  private firstOf(names: ReplicaList): Chunk['first'] {
    const { origins } = this.core;
    const roster = this.core.roster().filter(({ origin }) => origin >= 0);
    const replicas = [origins.self.index, ...roster.map(({ origin }) => origin)];
    return { settled: names.settled(), roster: replicas.map((index) => names.number(index)) };
  }

  private lastOf(transfer: Transfer, names: ReplicaList): Chunk['last'] {
    const { origins, fenced } = this.core;
    const clock = transfer.clock.map((entry) => ({
      ...entry,
      origin: names.number(origins.of(transfer.replicas[entry.origin] as Replica).index),
    }));
    return { clock, floor: names.floor(), fenced: [...fenced.values()] };
  }

  private reachesBeyondLogs(theirs: KnownClock): boolean {
    return this.core.origins.list.some(({ index, dots, log }) => {
      const first = missing(dots, theirs.get(index) ?? NO_DOTS)[0];
      return first !== undefined && first < log.from;
    });
  }

  private *scan(theirs: KnownClock): Generator<string | undefined> {
    for (const [key, entry] of this.core.entries.map) yield lacks(theirs, entry) ? key : undefined;
  }

  /**
   * Keys of the dots that are missing. A key whose dot was replaced since is left to the dot that did it, unless that one is
   * newer than the transfer and would not be looked at.
   */
  private *recent(theirs: KnownClock, snapshot: KnownClock): Generator<string | undefined> {
    for (const { index, log, settled } of this.core.origins.list) {
      const ranges = missing(snapshot.get(index) ?? NO_DOTS, theirs.get(index) ?? NO_DOTS);
      for (let at = 0; at < ranges.length; at += 2) {
        for (let counter = ranges[at] as number; counter <= (ranges[at + 1] as number); counter++) {
          // The log ran full meanwhile: only a look at everything finds the rest.
          if (counter < log.from && counter > settled) return yield* this.scan(theirs);
          const key = log.get(counter);
          const entry = key === undefined ? undefined : this.core.entries.map.get(key);
          if (entry === undefined) yield undefined;
          else if (entry.siblings !== undefined) yield lacks(theirs, entry) ? key : undefined;
          else if (entry.origin === index && entry.counter === counter) yield key;
          else yield holdsDot(snapshot, entry) || holdsDot(theirs, entry) ? undefined : key;
        }
      }
    }
  }
}

export function lacks(clock: KnownClock, entry: Entry): boolean {
  if (entry.siblings === undefined) return !holdsDot(clock, entry);
  return entry.siblings.some((sibling) => !holdsDot(clock, sibling));
}

export function stateOf(key: string, entry: Entry, names: ReplicaList): KeyState {
  const { siblings, seen } = partsOf(entry);
  return {
    key,
    siblings: siblings.map((sibling) => ({ ...sibling, origin: names.number(sibling.origin) })),
    seen: names.pairs(seen),
  };
}

function holdsDot(
  clock: KnownClock,
  { origin, counter }: { readonly origin: number; readonly counter: number },
): boolean {
  return holds(clock.get(origin) ?? NO_DOTS, counter);
}
