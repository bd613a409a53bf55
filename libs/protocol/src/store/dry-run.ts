/**
 * What a merge would do, before anybody chooses (P4): one node of the other side is asked what it has that this one lacks,
 * and each of its answers is joined with what is here, without keeping the result.
 */
import type { Core } from './core.js';
import type { KeyState, StoreMessage } from './message.js';
import { join, partsOf } from './join.js';
import type { PartitionDiff } from './machine.js';
import { ReplicaList, readPairs } from './origins.js';
import type { Partitions } from './partitions.js';
import type { Peer } from './peers.js';
import { baseOf } from './peers.js';
import type { Recovery } from './recovery.js';
import { lacks, stateOf } from './serving.js';

type Comparison = Extract<StoreMessage, { readonly type: 'comparison' }>;

interface Asked {
  readonly id: number;
  readonly partition: string;
  readonly peer: Peer;
  readonly until: number;
}

/** Dry runs that may wait for an answer at once. */
const ASKED_MAX = 16;

export class DryRun {
  private readonly asked = new Map<number, Asked>();
  private sequence = 0;

  constructor(
    private readonly core: Core,
    private readonly partitions: Partitions,
    private readonly recovery: Recovery,
  ) {}

  get nextDeadline(): number {
    for (const { until } of this.asked.values()) return until;
    return Infinity;
  }

  begin(id: number, partitionId: string): void {
    const { core } = this;
    const nodes = this.partitions.find(partitionId)?.sides.flatMap((side) => side.nodes) ?? [];
    const [peer] = core.peers.where(
      ({ apart, linked, node }) =>
        apart && linked && nodes.some(({ incarnation }) => incarnation === node.incarnation),
    );
    if (peer === undefined || this.asked.size >= ASKED_MAX) {
      const reason = `no partition ${partitionId} waits here, or nobody of its other side is in reach`;
      return core.effects.push({ type: 'failed', id, code: 'CLUSTER_PARTITION_UNKNOWN', reason });
    }
    const names = new ReplicaList(core.origins);
    const clock = names.clock();
    const until = core.now.mono + core.options.pullTimeoutMs;
    this.asked.set(++this.sequence, { id, partition: partitionId, peer, until });
    core.effects.send(peer.node.incarnation, {
      type: 'compare',
      id: this.sequence,
      replicas: names.replicas,
      clock,
    });
  }

  answer(peer: Peer, message: Extract<StoreMessage, { readonly type: 'compare' }>): void {
    const { origins, entries, options, effects } = this.core;
    const theirs = origins.read(message.clock, origins.numbers(message.replicas));
    const names = new ReplicaList(origins);
    const states: KeyState[] = [];
    let total = 0;
    for (const [key, entry] of entries.map) {
      if (!lacks(theirs, entry)) continue;
      total++;
      if (states.length < options.reportKeysMax) states.push(withoutValues(stateOf(key, entry, names)));
    }
    const clock = names.clock();
    const answer = {
      type: 'comparison',
      id: message.id,
      replicas: names.replicas,
      clock,
      states,
      total,
    } as const;
    effects.send(peer.node.incarnation, answer);
  }

  take(peer: Peer, message: Comparison): void {
    const asked = this.asked.get(message.id);
    if (asked === undefined || asked.peer !== peer) return;
    this.asked.delete(message.id);
    const numbers = this.core.origins.numbers(message.replicas);
    peer.report = this.core.origins.read(message.clock, numbers);
    const written: string[] = [];
    const deleted: string[] = [];
    const conflicts: string[] = [];
    for (const state of message.states) {
      const outcome = this.outcome(peer, state, numbers);
      if (outcome === 'conflict') conflicts.push(state.key);
      else if (outcome === 'deleted') deleted.push(state.key);
      else if (outcome === 'written') written.push(state.key);
    }
    const side = (peer.side ?? peer.node).incarnation;
    const diff: PartitionDiff = {
      partition: asked.partition,
      sides: [{ side, written, deleted, conflicts, total: message.total }],
      here: this.recovery.changesAgainst(peer),
    };
    this.core.effects.push({ type: 'diff', id: asked.id, diff });
  }

  tick(): void {
    for (const [sequence, { id, until, partition }] of this.asked) {
      if (until > this.core.now.mono) continue;
      this.asked.delete(sequence);
      const reason = `nobody of the other side of partition ${partition} answered`;
      this.core.effects.push({ type: 'failed', id, code: 'CLUSTER_PARTITION_UNKNOWN', reason });
    }
  }

  private outcome(
    peer: Peer,
    state: KeyState,
    numbers: readonly number[],
  ): 'conflict' | 'deleted' | 'written' | 'none' {
    const { entries, origins, options } = this.core;
    const here = entries.map.get(state.key);
    const siblings = state.siblings.map((sibling) => ({ ...sibling, origin: numbers[sibling.origin] ?? 0 }));
    const came = { siblings, seen: readPairs(state.seen, numbers) };
    const joined = join(partsOf(here), came, origins, options.siblingsMax, (origin) =>
      baseOf(peer.floors, origin),
    );
    if (joined.added === 0 && joined.removed === 0) return 'none';
    if (joined.siblings.length > 1 && joined.added > 0) return 'conflict';
    const gone = joined.siblings.every(({ value }) => value === undefined);
    if (!gone) return 'written';
    return here?.value === undefined ? 'none' : 'deleted';
  }
}

/** Only whether there is a value matters here, not which. */
function withoutValues(state: KeyState): KeyState {
  const siblings = state.siblings.map((sibling) => ({
    ...sibling,
    value: sibling.value === undefined ? undefined : NO_BYTES,
  }));
  return { ...state, siblings };
}

const NO_BYTES = new Uint8Array(0);
