/**
 * How sides recover, as all nodes have agreed: the mode, which the latest choice decides, and the choices for partitions
 * that wait (P3, P4). Both are passed on by everybody to everybody, once, so that it does not matter which node was told.
 */
import type { Core } from './core.js';
import type { Replica } from './entry.js';
import type { Choice, RecoveryMode, StoreMessage } from './message.js';
import { lacks } from './serving.js';
import type { Partitions } from './partitions.js';
import { together, type Peer } from './peers.js';

type Resolve = Extract<StoreMessage, { readonly type: 'resolve' }>;

export interface Changes {
  readonly keys: readonly string[];
  readonly total: number;
}

/** Choices that are remembered, so that none is passed on twice. */
const CHOICES_MAX = 256;

export class Recovery {
  mode: RecoveryMode;
  time = 0;
  private readonly handled = new Set<string>();

  constructor(
    private readonly core: Core,
    private readonly partitions: Partitions,
    /** Drops what this node holds; it takes a full copy of the side that stays, which the peer is of. */
    private readonly restart: (keeper: Peer | undefined) => void,
  ) {
    this.mode = core.options.recovery;
  }

  choose(mode: RecoveryMode): void {
    const time = Math.max(this.time + 1, this.core.time.next(this.core.now.wall));
    this.adopt(mode, Math.min(time, Number.MAX_SAFE_INTEGER));
  }

  /** Somebody chose a mode, later than anybody else that is known of here. */
  adopt(mode: RecoveryMode, time: number): void {
    if (time <= this.time) return;
    this.time = time;
    this.core.time.see(time, this.core.now.wall);
    this.passOn({ type: 'recovery', mode, time });
    if (mode === this.mode) return;
    this.mode = mode;
    this.core.effects.push({ type: 'recoveryChanged', mode });
    if (mode === 'automatic') this.partitions.merge(this.core.peers.where(({ apart }) => apart));
  }

  resolve(id: number, partitionId: string, choice: Choice): void {
    const { effects, time, now } = this.core;
    const partition = this.partitions.find(partitionId);
    const fail = (reason: string): void =>
      effects.push({ type: 'failed', id, code: 'CLUSTER_PARTITION_UNKNOWN', reason });
    if (partition === undefined) return fail(`no partition ${partitionId} waits for a choice`);
    const sides = partition.sides.map(({ nodes }) => nodes);
    if (choice.kind === 'keep' && sideOf(sides, choice.side) === undefined) {
      return fail(`no node ${choice.side} is on a side of partition ${partitionId}`);
    }
    this.apply({ type: 'resolve', partition: partitionId, time: time.next(now.wall), choice, sides });
    effects.push({ type: 'acked', id });
  }

  /** A choice, made here or elsewhere. */
  apply(message: Resolve): void {
    const choice = nameOf(message);
    if (this.handled.has(choice)) return;
    this.handled.add(choice);
    if (this.handled.size > CHOICES_MAX)
      for (const oldest of this.handled) if (this.handled.delete(oldest)) break;
    this.passOn(message);
    const own = this.ownSide(message.sides);
    // What two sides do is nothing to a third one, which waits for a choice of its own.
    if (own === undefined) return;
    const listed = message.sides.flat();
    const others = this.core.peers.where(
      (peer) => peer.apart && (includes(listed, peer) || this.isOf(message.partition, peer)),
    );
    if (message.choice.kind === 'merge') this.partitions.merge(others);
    else this.keep(message, sideOf(message.sides, message.choice.side) ?? [], own, others);
  }

  /** The one that this node is of, be it only by those that it is together with. */
  private ownSide(sides: Resolve['sides']): readonly Replica[] | undefined {
    const { peers, config } = this.core;
    const mates = peers.where(together);
    return (
      sideOf(sides, config.self.incarnation) ??
      sides.find((side) => mates.some((peer) => includes(side, peer)))
    );
  }

  private keep(
    message: Resolve,
    kept: readonly Replica[],
    own: readonly Replica[],
    others: readonly Peer[],
  ): void {
    const { core } = this;
    const me = core.config.self.incarnation;
    // Another choice, against that side, came here first. Who gives way is decided where the two meet, so that one remains.
    if (kept.some((replica) => core.isGivenUp(replica))) return;
    const losers = message.sides.filter((side) => side !== kept).flat();
    if (own !== kept) {
      const keeper = others.find((peer) => includes(kept, peer));
      this.restart(keeper ?? core.peers.where((peer) => includes(kept, peer))[0]);
      for (const replica of losers) if (replica.incarnation !== me) core.giveUp(replica);
      return;
    }
    const shut = [...losers, ...others.flatMap(({ replica }) => replica ?? [])];
    for (const replica of shut) core.giveUp(replica);
    this.partitions.kept(message.partition);
    for (const peer of others) {
      peer.apart = false;
      peer.fenced = true;
      this.partitions.forget(peer);
      core.refresh(peer);
    }
  }

  /** Keys with changes that the peer has not. */
  changesAgainst(peer: Peer | undefined): Changes {
    const keys: string[] = [];
    let total = 0;
    if (peer?.report === undefined) return { keys, total };
    for (const [key, entry] of this.core.entries.map) {
      if (!lacks(peer.report, entry)) continue;
      total++;
      if (keys.length < this.core.options.reportKeysMax) keys.push(key);
    }
    return { keys, total };
  }

  private isOf(partition: string, peer: Peer): boolean {
    const nodes = this.partitions.find(partition)?.sides.flatMap((side) => side.nodes) ?? [];
    return includes(nodes, peer);
  }

  private passOn(message: StoreMessage): void {
    const to = this.core.peers.where(({ linked }) => linked).map(({ node }) => node.incarnation);
    if (to.length > 0) this.core.effects.push({ type: 'send', to, message });
  }
}

/** What tells a choice from others: two nodes that choose may do so at the same hybrid time. */
function nameOf({ time, partition, choice }: Resolve): string {
  return `${time} ${partition} ${choice.kind === 'keep' ? choice.side : choice.kind}`;
}

function sideOf(sides: readonly (readonly Replica[])[], incarnation: string): readonly Replica[] | undefined {
  return sides.find((side) => side.some((replica) => replica.incarnation === incarnation));
}

function includes(replicas: readonly Replica[], peer: Peer): boolean {
  return replicas.some(({ incarnation }) => incarnation === peer.node.incarnation);
}
