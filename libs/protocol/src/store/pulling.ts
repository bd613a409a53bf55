/**
 * The taking end of a transfer (S7, S8): fetches what another node holds and this one lacks, from one node at a time, so
 * that what several have comes once. A transfer that stands still is given up, and the next node is asked.
 */
import type { Core } from './core.js';
import { greatest } from './dots.js';
import type { Lineage } from './lineage.js';
import { ReplicaList, readPairs, type KnownClock } from './origins.js';
import { baseOf, together, type Peer } from './peers.js';
import type { StoreMessage } from './message.js';

type Chunk = Extract<StoreMessage, { readonly type: 'chunk' }>;

interface Current {
  readonly peer: Peer;
  readonly session: number;
  /** Of the replica that is copied. */
  readonly generation: number | undefined;
  seq: number;
  until: number;
  /** What came with the parts so far, by origin: the clock learns of it when no more will come. */
  readonly came: Map<number, Came>;
}

/** Side by side in lists of their own, because there are as many as there are keys. */
interface Came {
  readonly counters: number[];
  readonly keys: string[];
}

export interface PullListener {
  /** This node holds everything that the peer had. */
  pulled(peer: Peer): void;
  /** A transfer came to nothing. */
  pullFailed(peer: Peer): void;
  /** Around the entries of a part, so that what it changes can be counted. */
  taking(take: () => void): void;
}

export class Pulling {
  private current: Current | undefined;
  private readonly wanted = new Set<Peer>();
  private session = 0;
  /** Keys that came otherwise than with the copy under way, while this node was not ready; they may be gone there (S4). */
  private readonly arrived = new Set<string>();
  /** The first copy has to begin anew, because nobody is there any more of whom a part of it came. */
  private anew = false;

  constructor(
    private readonly core: Core,
    private readonly lineage: Lineage,
    private readonly listener: PullListener,
  ) {}

  get isBusy(): boolean {
    return this.current !== undefined;
  }

  /** The replica that is being copied is no more. */
  get isVoid(): boolean {
    return this.current !== undefined && this.current.peer.replica?.generation !== this.current.generation;
  }

  /** Where the current transfer comes from. */
  get source(): Peer | undefined {
    return this.current?.peer;
  }

  get nextDeadline(): number {
    return this.current?.until ?? Infinity;
  }

  /** Fetches what the peer has said to hold, when its turn comes. */
  want(peer: Peer): void {
    if (this.current?.peer === peer) return;
    this.wanted.add(peer);
    this.proceed();
  }

  drop(peer: Peer): void {
    this.wanted.delete(peer);
    if (this.current?.peer === peer) this.fail();
  }

  dropAll(): void {
    this.wanted.clear();
    this.arrived.clear();
    this.anew = false;
    this.lineage.restart();
    this.current = undefined;
  }

  /** Writes that come from elsewhere while this node takes its first copy. */
  noteArrived(keys: Iterable<{ readonly key: string }>): void {
    for (const { key } of keys) this.arrived.add(key);
  }

  expire(mono: number): void {
    if (this.current !== undefined && this.current.until <= mono) this.fail();
  }

  take(peer: Peer, chunk: Chunk): void {
    const { current, core } = this;
    if (current?.peer !== peer || current.session !== chunk.session || current.seq !== chunk.seq) return;
    const numbers = core.origins.numbers(chunk.replicas);
    const first = core.ready || chunk.seq > 0 ? null : chunk.first;
    if (first !== null && !this.lineage.begin(peer, first, numbers)) return this.fail();
    this.listener.taking(() => this.merge(peer, chunk, numbers));
    if (chunk.last === null) {
      current.seq++;
      current.until = core.now.mono + core.options.pullTimeoutMs;
      core.effects.send(peer.node.incarnation, { type: 'next', session: chunk.session, seq: chunk.seq });
      return;
    }
    const floor = core.origins.read(chunk.last.floor, numbers);
    if (chunk.whole && !core.ready) {
      this.forgetGone(floor);
      this.lineage.complete(peer, floor);
    }
    this.anew = false;
    for (const [index, dots] of core.origins.read(chunk.last.clock, numbers)) {
      const origin = core.origins.at(index);
      origin.dots.addAll(dots);
      // What a look through a whole store has brought is not in the logs.
      if (chunk.whole) origin.log.skipTo(greatest(dots) + 1, core.stability.stray);
    }
    for (const replica of chunk.last.fenced) core.fence(replica);
    this.current = undefined;
    this.listener.pulled(peer);
    this.proceed();
  }

  unable(peer: Peer, session: number): void {
    if (this.current?.peer === peer && this.current.session === session) this.fail();
  }

  private proceed(): void {
    if (this.current !== undefined) return;
    for (const peer of this.wanted) {
      this.wanted.delete(peer);
      if (!together(peer) || peer.report === undefined) continue;
      if (!this.core.origins.lacks(peer.report)) this.listener.pulled(peer);
      // What a node has that is not ready may be of more than one store (S3).
      else if (peer.ready) return this.begin(peer);
    }
  }

  private begin(peer: Peer): void {
    const { core } = this;
    this.session++;
    this.anew ||= !core.ready && core.entries.map.size > 0 && !this.lineage.isBound;
    // What has come may have been deleted since, and the delete forgotten by all who are there: all of it is compared.
    if (this.anew) for (const [key] of core.entries.map) this.arrived.add(key);
    const until = core.now.mono + core.options.pullTimeoutMs;
    const generation = peer.replica?.generation;
    this.current = { peer, session: this.session, generation, seq: 0, until, came: new Map() };
    const known = this.anew ? { replicas: [], clock: [] } : clockOf(core);
    core.effects.send(peer.node.incarnation, { type: 'pull', session: this.session, ...known });
  }

  private fail(): void {
    const failed = this.current;
    this.current = undefined;
    if (failed === undefined) return this.proceed();
    this.keep(failed);
    this.listener.pullFailed(failed.peer);
    this.proceed();
  }

  /** What came is here, so that it must be told of: where it came from may be gone for good. */
  private keep({ came }: Current): void {
    const { origins, options, stability } = this.core;
    for (const [index, { counters, keys }] of came) {
      const origin = origins.at(index);
      const order = [...counters.keys()].sort((one, other) => (counters[one] ?? 0) - (counters[other] ?? 0));
      for (const at of order) {
        const [counter, key] = [counters[at] as number, keys[at] as string];
        if (origin.dots.has(counter) || origin.dots.above.length >= 2 * options.gapsMax) continue;
        origin.dots.add(counter);
        origin.log.add(counter, key, stability.stray);
      }
    }
  }

  /** The clock learns of it all at the end, because only then there are no gaps. */
  private merge(peer: Peer, { states, whole }: Chunk, numbers: readonly number[]): void {
    const { core } = this;
    for (const { key, siblings, seen } of states) {
      const came = siblings.map((sibling) => ({ ...sibling, origin: numbers[sibling.origin] ?? 0 }));
      core.entries.merge(key, { siblings: came, seen: readPairs(seen, numbers) }, core.now.wall, (origin) =>
        baseOf(peer.floors, origin),
      );
      for (const sibling of came) {
        core.time.see(sibling.time, core.now.wall);
        this.note(sibling.origin, sibling.counter, key);
        if (!whole) core.origins.at(sibling.origin).log.add(sibling.counter, key, core.stability.stray);
      }
      if (whole) core.stability.stray(key);
      else core.stability.note(key);
      if (this.arrived.size > 0) this.arrived.delete(key);
    }
  }

  private note(origin: number, counter: number, key: string): void {
    const came = this.current?.came.get(origin);
    if (came === undefined) this.current?.came.set(origin, { counters: [counter], keys: [key] });
    else {
      came.counters.push(counter);
      came.keys.push(key);
    }
  }

  /** What came here while it was being forgotten there, and was not sent, must not live on (S4). */
  private forgetGone(floor: KnownClock): void {
    const { entries } = this.core;
    for (const key of this.arrived) {
      const entry = entries.map.get(key);
      const dots = entry === undefined ? [] : (entry.siblings ?? [entry]);
      if (dots.length > 0 && dots.every(({ origin, counter }) => counter <= baseOf(floor, origin)))
        entries.forget(key);
    }
    this.arrived.clear();
  }
}

function clockOf(core: Core): Pick<Extract<StoreMessage, { type: 'pull' }>, 'replicas' | 'clock'> {
  const names = new ReplicaList(core.origins);
  const clock = names.clock();
  return { replicas: names.replicas, clock };
}
