/**
 * Sides that grew apart, and how they find together (P1, P3, P4). A peer that failed and is met again in the same
 * incarnation comes from another side. In automatic recovery it is let in at once, and what that changed is reported. In
 * manual recovery nothing flows between the sides until somebody chooses. A partition is a pair of sides.
 */
import type { Incarnation } from '../../node.js';
import type { Core } from '../core.js';
import type { Partition, Side } from '../machine.js';
import { isLinked, isPresent, isTogether, type Peer } from '../replication/peers.js';
import { compareReplicas, type Replica } from '../state/entry.js';
import type { ChangedKeys } from './changed-keys.js';
import { incarnationsOf, type Sides } from './decrees.js';
import {
  isBetween,
  isMate,
  isNamed,
  newRecord,
  sidesNow,
  tallyInto,
  type PartitionRecord,
} from './partition-record.js';
import type { Tally } from '../state/entries.js';

export class Partitions {
  /** Nodes that failed, and have not been let in again. */
  private readonly separated = new Set<Incarnation>();
  private readonly records = new Map<string, PartitionRecord>();

  constructor(
    private readonly core: Core,
    /** A peer was let in: clocks are exchanged, and what it has is fetched. */
    private readonly joined: (peer: Peer) => void,
  ) {}

  list(): Partition[] {
    return [...this.records.values()].map(({ partition }) => partition);
  }

  get nextDeadline(): number {
    let next = Infinity;
    for (const { partition, pending, quietAt } of this.records.values()) {
      if (partition.state === 'merging' && pending.size === 0) next = Math.min(next, quietAt);
    }
    return next;
  }

  separate(incarnation: Incarnation): void {
    this.separated.add(incarnation);
  }

  /** It will not come back, or has come back as another. */
  forget(peer: Peer): void {
    this.separated.delete(peer.node.incarnation);
    this.ended(peer);
    for (const record of this.records.values()) {
      const nobody = record.partition.sides[1]?.nodes.every(
        ({ incarnation }) =>
          !this.separated.has(incarnation) && this.core.peers.get(incarnation)?.relation !== 'apart',
      );
      if (record.partition.state === 'waiting' && nobody === true) this.heal(record);
    }
  }

  isSeparated(peer: Peer): boolean {
    return this.separated.has(peer.node.incarnation);
  }

  /** A peer of another side is there, which was apart from `others`. `wait` keeps it apart (P4). */
  met(peer: Peer, wait: boolean, others: readonly Replica[]): void {
    if (wait) this.core.relate(peer, 'separated');
    this.record(peer, wait ? 'waiting' : 'merging', others);
    if (!wait) this.letIn(peer);
  }

  /** Ends the waiting for these peers (P3, P4). */
  merge(peers: readonly Peer[]): void {
    for (const peer of peers) {
      this.record(peer, 'merging');
      this.letIn(peer);
    }
  }

  /** Where both sides hold the same, be it by way of others, there is nothing to choose. */
  equal(): Peer[] {
    const { peers, state } = this.core;
    const { origins, knowledge } = state;
    if (knowledge.isPartial) return [];
    return peers.where(
      (peer) =>
        peer.relation === 'apart' &&
        isLinked(peer) &&
        peer.ahead === 0 &&
        origins.covers(peer.clock) &&
        origins.coveredBy(peer.clock),
    );
  }

  /** When sides that wait here met; undefined when none of these do. */
  metAt(sides: Sides): number | undefined {
    const listed = incarnationsOf(sides);
    const record = [...this.records.values()].find(
      ({ partition }) =>
        partition.state === 'waiting' &&
        partition.sides.every(({ nodes }) => nodes.some(({ incarnation }) => listed.has(incarnation))),
    );
    return record?.metAt;
  }

  /** One that waits, with its sides as they are now. A choice for who they were would be taken for an earlier one. */
  find(id: string): Partition | undefined {
    const record = this.records.get(id);
    if (record?.partition.state !== 'waiting') return undefined;
    return { ...record.partition, sides: sidesNow(record.partition, this.core) };
  }

  /** Around what a transfer brings: if it began after the contact, that is part of the merge. */
  counting(take: () => void): void {
    const { entries } = this.core.state;
    entries.tally = this.tally();
    take();
    entries.tally = undefined;
  }

  private tally(): Tally | undefined {
    const record = [...this.records.values()].find(({ partition }) => partition.state === 'merging');
    return record && tallyInto(record, this.core.options.reportKeysMax);
  }

  /** Everything that the peer had has been fetched, or it is gone. */
  ended(peer: Peer): void {
    for (const record of this.records.values()) {
      if (record.pending.delete(peer))
        record.quietAt = this.core.now.mono + this.core.options.clockIntervalMs;
    }
  }

  tick(): void {
    for (const record of this.records.values()) {
      const isOpen = record.partition.state === 'waiting' || record.partition.state === 'copying';
      if (isOpen && this.isOver(record.partition)) this.heal(record);
      // What a transfer that failed would have brought may have come from elsewhere.
      for (const peer of record.pending) if (this.isFetched(peer)) this.ended(peer);
      const over = record.partition.state === 'merging' && record.pending.size === 0;
      if (over && record.quietAt <= this.core.now.mono) this.merged(record);
    }
  }

  /** This node copies the side that was kept (P4). `concerned`: nodes of the sides that were chosen for. */
  copying(concerned: ReadonlySet<Incarnation>): void {
    for (const record of this.records.values())
      if (record.partition.state === 'waiting' && isBetween(record.partition, concerned))
        record.partition = { ...record.partition, state: 'copying' };
  }

  /** The kept side was gone before it could be copied: what waited waits again. */
  waitAgain(): void {
    for (const record of this.records.values())
      if (record.partition.state === 'copying') record.partition = { ...record.partition, state: 'waiting' };
  }

  /** A choice was carried out here, which dropped these keys: from those it names this node is not apart any more (P4). */
  carriedOut(concerned: ReadonlySet<Incarnation>, { total: dropped, keys: droppedKeys }: ChangedKeys): void {
    for (const incarnation of concerned) this.separated.delete(incarnation);
    for (const record of this.records.values()) {
      if (!isBetween(record.partition, concerned)) continue;
      record.report = { ...record.report, dropped, droppedKeys };
      this.heal(record);
    }
  }

  /** This node, and everybody who is there and not from another side. */
  here(): Replica[] {
    const { self, peers } = this.core;
    const mates = peers.where(
      (peer) => isPresent(peer) && peer.relation !== 'apart' && !this.isSeparated(peer),
    );
    return [self, ...mates.flatMap(({ replica }) => replica ?? [])].sort(compareReplicas);
  }

  /** Whom this node does not exchange entries with, as far as it knows them. */
  apart(): Replica[] {
    const others = this.core.peers.where((peer) => peer.relation === 'apart' || this.isSeparated(peer));
    return others.flatMap(({ replica }) => replica ?? []);
  }

  /** By way of others, everybody of the other side has been let in. */
  private isOver({ sides: [, there] }: Partition): boolean {
    return (
      there?.nodes.every(({ incarnation }) => {
        const peer = this.core.peers.get(incarnation);
        return (
          !this.separated.has(incarnation) && (peer === undefined || !isLinked(peer) || isTogether(peer))
        );
      }) === true
    );
  }

  private isFetched(peer: Peer): boolean {
    return isTogether(peer) && this.core.state.origins.covers(peer.clock);
  }

  private letIn(peer: Peer): void {
    this.separated.delete(peer.node.incarnation);
    this.core.relate(peer, 'letIn');
    this.joined(peer);
  }

  /** Of a side that has parted itself, one half may have been let in, and the other one waits on. */
  private merged(record: PartitionRecord): void {
    const [here, there] = record.partition.sides as [Side, Side];
    const nodes = there.nodes.filter(
      ({ incarnation }) => this.core.peers.get(incarnation)?.relation === 'apart',
    );
    if (nodes.length === 0) return this.heal(record);
    record.partition = { ...record.partition, state: 'waiting', sides: [here, { ...there, nodes }] };
  }

  private heal(record: PartitionRecord): void {
    if (record.partition.state === 'healed') return;
    record.partition = { ...record.partition, state: 'healed' };
    this.core.effects.push({ type: 'partitionHealed', partition: record.partition, report: record.report });
  }

  private record(peer: Peer, state: 'waiting' | 'merging', others?: readonly Replica[]): void {
    const replica = peer.replica;
    if (replica === undefined) return;
    const record = this.recordOf(peer, replica, state, others);
    const [here, there] = record.partition.sides;
    if (here === undefined || there === undefined) return;
    const known = there.nodes.some(({ incarnation }) => incarnation === replica.incarnation);
    const nodes = known ? there.nodes : [...there.nodes, replica].sort(compareReplicas);
    // A node that this side had not missed yet may be on the other one.
    const ours = here.nodes.filter(({ incarnation }) => incarnation !== replica.incarnation);
    record.partition = {
      ...record.partition,
      state,
      sides: [
        { ...here, nodes: ours },
        { ...there, nodes },
      ],
    };
    if (state === 'merging') record.pending.add(peer);
  }

  private recordOf(
    peer: Peer,
    replica: Replica,
    state: 'waiting' | 'merging',
    others: readonly Replica[] | undefined,
  ): PartitionRecord {
    const here = this.hereWithout(replica, others);
    const ours = (here[0] ?? this.core.self).incarnation;
    // A peer that its own side has let in before names the common side; then it belongs to what is merging now.
    const merged =
      peer.side !== undefined && here.some(({ incarnation }) => incarnation === peer.side?.incarnation);
    const theirs = merged || peer.side === undefined ? replica.incarnation : peer.side.incarnation;
    const open = [...this.records.values()].filter(({ partition }) => partition.state !== 'healed');
    const record =
      open.find(({ partition }) => isNamed(partition, theirs, replica)) ??
      open.find(({ partition }) => isMate(partition, others)) ??
      (merged ? (open.find(({ partition }) => partition.state === 'merging') ?? open[0]) : undefined);
    if (record !== undefined) return record;
    const fresh = newRecord(ours, theirs, here, state, this.core.now);
    const { partition } = fresh;
    this.records.delete(partition.id);
    this.records.set(partition.id, fresh);
    this.trim();
    this.core.effects.push({
      type: 'partitionDetected',
      partition: {
        ...partition,
        sides: [
          { id: ours, nodes: here },
          { id: theirs, nodes: [replica] },
        ],
      },
    });
    return fresh;
  }

  /**
   * Who is on this node's side of a peer that was apart from `others`. A node that was away itself still takes those for mates
   * whom it has not missed yet; whoever the peer was not apart from is on the peer's side.
   */
  private hereWithout(replica: Replica, others: readonly Replica[] = []): Replica[] {
    const me = this.core.self.incarnation;
    const apart = new Set(others.map(({ incarnation }) => incarnation));
    const isMine = ({ incarnation }: Replica): boolean =>
      incarnation === me || !apart.has(me) || apart.has(incarnation);
    return this.here().filter((mate) => mate.incarnation !== replica.incarnation && isMine(mate));
  }

  private trim(): void {
    for (const [id, { partition }] of this.records) {
      if (this.records.size <= this.core.options.partitionsMax) return;
      if (partition.state === 'healed') this.records.delete(id);
    }
  }
}
