/**
 * How the side that was not kept takes over the other one's store (P4): it copies it beside its own, as a new replica, and
 * swaps when the copy is whole. Until then it answers from the old store and takes no writes. When the kept side is gone
 * before that, the decree is cancelled, and the old store stays.
 *
 *   state     kept side in reach   kept side out of reach   copy whole   out of reach for `joinTimeoutMs`
 *   idle      copying              waiting
 *   waiting   copying                                                    idle (cancelled)
 *   copying                        waiting                  idle (applied)
 */
import type { Incarnation } from '../../node.js';
import type { Core } from '../core.js';
import { isLinked, type Peer } from '../replication/peers.js';
import type { TransferReceiver } from '../replication/transfer-receiver.js';
import type { StoreState } from '../state/store-state.js';
import { changedKeys, type ChangedKeys } from './changed-keys.js';
import { incarnationsOf, sideOf, type Decrees } from './decrees.js';

type Replacement =
  | { readonly type: 'idle' }
  | { readonly type: 'waiting'; readonly since: number }
  | {
      readonly type: 'copying';
      readonly source: Peer;
      readonly target: StoreState;
      /** Monotonic time since which nothing has come. */
      readonly since: number;
    };

export interface ReplacingListener {
  began(): void;
  /** The kept side is gone; the old store goes on. */
  cancelled(): void;
  /** The copy has taken the place of the store. `concerned`: nodes of the sides that were chosen for. */
  swapped(old: StoreState, dropped: ChangedKeys, concerned: ReadonlySet<Incarnation>): void;
}

export class Replacing {
  private state: Replacement = { type: 'idle' };

  constructor(
    private readonly core: Core,
    private readonly decrees: Decrees,
    private readonly receiver: TransferReceiver,
    private readonly listener: ReplacingListener,
  ) {}

  get nextDeadline(): number {
    return this.state.type === 'waiting' ? this.state.since + this.core.options.joinTimeoutMs : Infinity;
  }

  /** Follows the table. Called when a peer has changed, and when time has passed. */
  review(): void {
    const { state, core } = this;
    if (state.type === 'idle' && this.decrees.pending().length === 0) return;
    if (state.type === 'idle') this.listener.began();
    if (state.type === 'copying' && this.isSource(state.source)) return;
    const source = core.peers.where((peer) => this.isSource(peer))[0];
    const isLate = state.type === 'waiting' && core.now.mono >= this.nextDeadline;
    if (source !== undefined && !isLate) return this.copy(source);
    if (state.type !== 'waiting') {
      this.state = { type: 'waiting', since: core.now.mono };
      return;
    }
    if (!isLate) return;
    this.state = { type: 'idle' };
    this.receiver.endCopy();
    this.decrees.change('pending', 'cancelled');
    this.listener.cancelled();
  }

  /** A transfer is complete. */
  pulled(peer: Peer): void {
    const { state, core } = this;
    if (state.type !== 'copying' || state.source !== peer) return;
    const { options } = core;
    const old = core.state;
    const dropped = changedKeys(old, since(state.target, old), options.reportKeysMax);
    this.state = { type: 'idle' };
    core.state = state.target;
    const sides = this.decrees.pending().flatMap((decree) => decree.sides);
    this.decrees.takeOver(peer);
    this.listener.swapped(old, dropped, incarnationsOf(sides));
  }

  /** A transfer came to nothing. */
  failed(peer: Peer): void {
    if (this.state.type !== 'copying' || this.state.source !== peer) return;
    const { since } = this.state;
    this.state = { type: 'waiting', since: Math.max(since, this.receiver.movedAt) };
    this.review();
  }

  private copy(source: Peer): void {
    const { core } = this;
    const since = this.state.type === 'waiting' ? this.state.since : core.now.mono;
    const target = core.newState(core.self.generation + 1, () => undefined);
    this.state = { type: 'copying', source, target, since };
    this.receiver.copyBeside(source, target);
  }

  /** It has the whole store of a side that was kept. */
  private isSource(peer: Peer): boolean {
    if (!isLinked(peer) || peer.phase !== 'ready' || peer.relation === 'stranger') return false;
    return this.decrees.pending().every(({ id, choice, sides }) => {
      if (choice.kind !== 'keep' || peer.decrees.get(id) !== 'applied') return false;
      const kept = sideOf(sides, choice.side) ?? [];
      const mates = [peer.node.incarnation, peer.side?.incarnation];
      return kept.some(({ incarnation }) => mates.includes(incarnation));
    });
  }
}

/** What the new store knows, by the numbers of the old one. */
function since(target: StoreState, old: StoreState): number[] {
  return old.origins.list.map(({ replica }) => target.origins.of(replica).counter);
}
