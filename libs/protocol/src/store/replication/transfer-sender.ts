/**
 * The sending end of a transfer (S7, S8). What a peer lacks is found in the logs when they reach back far enough, and else
 * by buckets whose digests differ. Writes go on meanwhile: each bucket is read in one go, and says what was known then.
 */
import type { Core } from '../core.js';
import type { BucketPart, Clock, KeyState, MessageOf, StoreMessage, WireSibling } from '../message.js';
import type { Entry, Sibling } from '../state/entry.js';
import { ALL_BUCKETS } from '../state/key-map.js';
import { ReplicaList } from '../state/origins.js';
import type { VersionVector } from '../state/version-vector.js';
import type { Peer } from './peers.js';
import type { Stream } from './stream.js';

/** Parts that may be on their way at once. */
const WINDOW = 4;

interface Recent {
  readonly kind: 'recent';
  /** Read all at once; the clock is that of the reading. */
  readonly states: readonly (readonly [string, Entry | undefined])[];
  readonly changes: VersionVector;
  readonly theirs: VersionVector;
  at: number;
}

interface Buckets {
  readonly kind: 'buckets';
  /** Undefined until the receiver has compared digests. */
  buckets: readonly number[] | undefined;
  readonly theirs: VersionVector;
  /** The receiver has nothing, so that it gets all keys. */
  readonly isBlank: boolean;
  at: number;
  /** What the message before said. */
  told: VersionVector;
  /** What is left of a bucket that is larger than a part. */
  rest: { readonly bucket: number; readonly entries: readonly (readonly [string, Entry])[] } | undefined;
}

interface Transfer {
  readonly session: number;
  readonly source: Recent | Buckets;
  /** Number of the next part. */
  seq: number;
  /** Parts that the receiver has taken. */
  taken: number;
  isDone: boolean;
}

export class TransferSender {
  private readonly transfers = new Map<Peer, Transfer>();

  constructor(
    private readonly core: Core,
    private readonly stream: Stream,
  ) {}

  begin(peer: Peer, { session, replicas, clock, isBlank }: MessageOf<'pull'>): void {
    // A repeated request must not mix two readings of the store into one transfer.
    if (session <= peer.served) return;
    peer.served = session;
    this.stream.sendDeltas();
    const { origins, knowledge, entries } = this.core.state;
    const theirs: number[] = [];
    origins.readInto(theirs, clock, origins.numbers(replicas));
    const recent = isBlank ? undefined : this.recentKeys(theirs);
    const vector = origins.vector();
    if (recent !== undefined) {
      const states = [...recent].map((key) => [key, entries.table.get(key)] as const);
      this.open(peer, session, { kind: 'recent', states, changes: vector, theirs, at: 0 });
      return this.send(peer);
    }
    const buckets = isBlank ? ALL_BUCKETS : undefined;
    const told = isBlank ? [] : vector;
    this.open(peer, session, { kind: 'buckets', buckets, theirs, isBlank, at: 0, told, rest: undefined });
    if (isBlank) return this.send(peer);
    const names = new ReplicaList(origins);
    const changes = names.changes(vector, theirs);
    this.core.effects.send(peer.node.incarnation, {
      type: 'digests',
      session,
      replicas: names.replicas,
      clock: changes,
      ahead: knowledge.digest,
      digests: entries.digests.all(),
    });
  }

  /** The receiver has said in which buckets it differs. */
  choose(peer: Peer, { session, buckets }: MessageOf<'buckets'>): void {
    const transfer = this.transfers.get(peer);
    if (transfer?.session !== session || transfer.source.kind !== 'buckets') return;
    transfer.source.buckets ??= buckets;
    this.send(peer);
  }

  next(peer: Peer, session: number, seq: number): void {
    const transfer = this.transfers.get(peer);
    if (transfer?.session !== session || seq < transfer.taken || seq >= transfer.seq) return;
    transfer.taken = seq + 1;
    this.send(peer);
  }

  end(peer: Peer): void {
    this.transfers.delete(peer);
  }

  /** The store that they read is no more (P4). */
  endAll(): void {
    for (const [peer, { session }] of this.transfers)
      this.core.effects.send(peer.node.incarnation, { type: 'unable', session });
    this.transfers.clear();
  }

  private open(peer: Peer, session: number, source: Recent | Buckets): void {
    this.transfers.set(peer, { session, source, seq: 0, taken: 0, isDone: false });
  }

  private send(peer: Peer): void {
    const transfer = this.transfers.get(peer);
    if (transfer === undefined) return;
    while (!transfer.isDone && transfer.seq - transfer.taken < WINDOW) {
      const { source } = transfer;
      if (source.kind === 'buckets' && source.buckets === undefined) return;
      this.stream.sendDeltas();
      const message = source.kind === 'recent' ? this.recent(transfer, source) : this.chunk(transfer, source);
      this.core.effects.send(peer.node.incarnation, message);
      transfer.seq++;
    }
    if (transfer.isDone) this.transfers.delete(peer);
  }

  /** Keys that changed since; undefined when the logs cannot tell, or when there are too many for one reading. */
  private recentKeys(theirs: VersionVector): ReadonlySet<string> | undefined {
    const { origins, knowledge } = this.core.state;
    if (knowledge.isPartial) return undefined;
    let lacking = 0;
    for (const { index, counter, log } of origins.list) {
      const from = (theirs[index] ?? 0) + 1;
      if (from > counter) continue;
      lacking += counter - from + 1;
      if (from < log.from || lacking > this.core.options.recentMax) return undefined;
    }
    const keys = new Set<string>();
    for (const { index, counter, log } of origins.list) {
      for (let at = (theirs[index] ?? 0) + 1; at <= counter; at++) {
        const key = log.get(at);
        if (key !== undefined) keys.add(key);
      }
    }
    return keys;
  }

  private recent(transfer: Transfer, source: Recent): StoreMessage {
    const names = new ReplicaList(this.core.state.origins);
    const limit = new PartLimit(this.core.options);
    const states: KeyState[] = [];
    for (; source.at < source.states.length && limit.hasRoom; source.at++) {
      const [key, entry] = source.states[source.at] as Recent['states'][number];
      states.push(limit.count(stateOf(key, entry, names)));
    }
    transfer.isDone = source.at >= source.states.length;
    const clock = transfer.isDone ? names.changes(source.changes, source.theirs) : null;
    const { session, seq } = transfer;
    return { type: 'recent', session, seq, replicas: names.replicas, states, clock };
  }

  private chunk(transfer: Transfer, source: Buckets): StoreMessage {
    const { origins } = this.core.state;
    const names = new ReplicaList(origins);
    const limit = new PartLimit(this.core.options);
    const parts: BucketPart[] = [];
    const buckets = source.buckets ?? [];
    let clock: Clock = [];
    if (source.rest !== undefined) {
      const { bucket, entries } = source.rest;
      source.rest = undefined;
      parts.push(this.cut(source, bucket, entries, names, limit));
    } else {
      const vector = origins.vector();
      clock = names.difference(vector, source.told);
      source.told = vector;
      for (; source.at < buckets.length && limit.hasRoom && source.rest === undefined; source.at++) {
        parts.push(this.readBucket(source, buckets[source.at] as number, names, limit));
      }
    }
    transfer.isDone = source.at >= buckets.length && source.rest === undefined;
    const { session, seq, isDone } = transfer;
    return { type: 'chunk', session, seq, replicas: names.replicas, clock, parts, isLast: isDone };
  }

  private readBucket(source: Buckets, bucket: number, names: ReplicaList, limit: PartLimit): BucketPart {
    const { entries, knowledge } = this.core.state;
    limit.look(entries.table.bucketSize(bucket));
    const beyond = knowledge.beyond(bucket);
    const dots: number[] | null = source.isBlank ? null : [];
    const lacking: (readonly [string, Entry])[] = [];
    for (const [key, entry] of entries.table.bucket(bucket)) {
      let isLacking = source.isBlank;
      for (const { origin, counter } of entry.siblings ?? [entry]) {
        dots?.push(names.number(origin), counter);
        isLacking ||= counter > (source.theirs[origin] ?? 0);
      }
      if (isLacking) lacking.push([key, entry]);
    }
    const part = this.cut(source, bucket, lacking, names, limit);
    return { ...part, dots, beyond: beyond && names.pairs(beyond) };
  }

  /** As much of a bucket as there is room for; the rest, as it is now, follows in parts of its own. */
  private cut(
    source: Buckets,
    bucket: number,
    entries: readonly (readonly [string, Entry])[],
    names: ReplicaList,
    limit: PartLimit,
  ): BucketPart {
    const states: KeyState[] = [];
    let at = 0;
    for (; at < entries.length && (limit.hasRoom || states.length === 0); at++) {
      const [key, entry] = entries[at] as readonly [string, Entry];
      states.push(limit.count(stateOf(key, entry, names)));
    }
    const isLast = at === entries.length;
    if (!isLast) source.rest = { bucket, entries: entries.slice(at) };
    return { bucket, states, dots: null, beyond: undefined, isLast };
  }
}

/** How much goes into one part, so that neither end stands still for long (S7). */
class PartLimit {
  private bytes = 0;
  private keys = 0;
  private looks = 0;

  constructor(
    private readonly options: { readonly batchBytesMax: number; readonly batchEntriesMax: number },
  ) {}

  get hasRoom(): boolean {
    const { batchBytesMax, batchEntriesMax } = this.options;
    return this.bytes < batchBytesMax && this.keys < batchEntriesMax && this.looks < LOOKS_PER_PART;
  }

  /** Keys that are looked at cost time, too. */
  look(keys: number): void {
    this.looks += keys;
  }

  count(state: KeyState): KeyState {
    this.keys++;
    this.bytes += state.key.length;
    for (const { value } of state.siblings) this.bytes += value.byteLength;
    return state;
  }
}

const LOOKS_PER_PART = 4_096;

export function stateOf(key: string, entry: Entry | undefined, names: ReplicaList): KeyState {
  if (entry === undefined) return { key, siblings: [] };
  return { key, siblings: (entry.siblings ?? [entry]).map((sibling) => wireOf(sibling, names)) };
}

function wireOf({ origin, counter, value, time, expiresAt }: Sibling, names: ReplicaList): WireSibling {
  return { origin: names.number(origin), counter, value, time, expiresAt };
}
