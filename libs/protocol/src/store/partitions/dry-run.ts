/**
 * What a merge would do, before anybody chooses (P4): one node of the other side is asked what it has that this one lacks,
 * and each of its answers is joined with what is here, without keeping the result.
 */
import type { Core } from '../core.js';
import type { PartitionDiff } from '../machine.js';
import type { KeyState, MessageOf } from '../message.js';
import { isLinked, type Peer } from '../replication/peers.js';
import { stateOf } from '../replication/transfer-sender.js';
import { siblingsOf } from '../state/entry.js';
import { bucketOf } from '../state/key-map.js';
import { merge } from '../state/merge.js';
import { ReplicaList } from '../state/origins.js';
import { contextOf, type VersionVector } from '../state/version-vector.js';
import { changedKeys } from './changed-keys.js';
import type { Partitions } from './partitions.js';

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
  ) {}

  get nextDeadline(): number {
    for (const { until } of this.asked.values()) return until;
    return Infinity;
  }

  begin(id: number, partitionId: string): void {
    const { core } = this;
    const nodes = this.partitions.find(partitionId)?.sides.flatMap((side) => side.nodes) ?? [];
    const [peer] = core.peers.where(
      (peer) =>
        peer.relation === 'apart' &&
        isLinked(peer) &&
        nodes.some(({ incarnation }) => incarnation === peer.node.incarnation),
    );
    if (peer === undefined || this.asked.size >= ASKED_MAX) {
      const reason = `no partition ${partitionId} waits here, or nobody of its other side is in reach`;
      return core.effects.push({ type: 'failed', id, code: 'CLUSTER_PARTITION_UNKNOWN', reason });
    }
    const names = new ReplicaList(core.state.origins);
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

  answer(peer: Peer, message: MessageOf<'compare'>): void {
    const { state, options, effects } = this.core;
    const { origins, entries } = state;
    const theirs: number[] = [];
    origins.readInto(theirs, message.clock, origins.numbers(message.replicas));
    const names = new ReplicaList(origins);
    const { keys, total } = changedKeys(state, theirs, options.reportKeysMax);
    const states = keys.map((key) => withoutValues(stateOf(key, entries.table.get(key), names)));
    const clock = names.clock();
    const { replicas } = names;
    effects.send(peer.node.incarnation, {
      type: 'comparison',
      id: message.id,
      replicas,
      clock,
      states,
      total,
    });
  }

  take(peer: Peer, message: MessageOf<'comparison'>): void {
    const { state, options, effects } = this.core;
    const asked = this.asked.get(message.id);
    if (asked === undefined || asked.peer !== peer) return;
    this.asked.delete(message.id);
    const numbers = state.origins.numbers(message.replicas);
    const theirs: number[] = [];
    state.origins.readInto(theirs, message.clock, numbers);
    const written: string[] = [];
    const deleted: string[] = [];
    const conflicts: string[] = [];
    for (const came of message.states) {
      const outcome = this.outcome(came, theirs, numbers);
      if (outcome === 'conflict') conflicts.push(came.key);
      else if (outcome === 'deleted') deleted.push(came.key);
      else if (outcome === 'written') written.push(came.key);
    }
    const side = (peer.side ?? peer.node).incarnation;
    const diff: PartitionDiff = {
      partition: asked.partition,
      sides: [{ side, written, deleted, conflicts, total: message.total }],
      here: changedKeys(state, theirs, options.reportKeysMax),
    };
    effects.push({ type: 'diff', id: asked.id, diff });
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
    { key, siblings }: KeyState,
    theirClock: VersionVector,
    numbers: readonly number[],
  ): 'conflict' | 'deleted' | 'written' | 'none' {
    const { entries, knowledge, origins } = this.core.state;
    const bucket = bucketOf(key);
    const mine = siblingsOf(entries.table.get(key));
    const theirs = siblings.map((sibling) => ({ ...sibling, origin: numbers[sibling.origin] ?? 0 }));
    const known = { has: (origin: number, counter: number) => knowledge.has(bucket, origin, counter) };
    const merged = merge(mine, known, theirs, contextOf(theirClock), origins);
    if (merged.added.length === 0 && merged.removed.length === 0) return 'none';
    if (merged.siblings.length > 1 && merged.added.length > 0) return 'conflict';
    return merged.siblings.length > 0 ? 'written' : 'deleted';
  }
}

/** Only whether there is a value matters here, not which. */
function withoutValues({ key, siblings }: KeyState): KeyState {
  return { key, siblings: siblings.map((sibling) => ({ ...sibling, value: NO_BYTES })) };
}

const NO_BYTES = new Uint8Array(0);
