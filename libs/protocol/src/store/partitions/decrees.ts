/**
 * Decrees that this node knows, and what it has done with each `keep` (P4). Two replicas exchange entries only when both know
 * the same ones and have done the same with them; so nothing void comes into a store that has applied its decree.
 *
 *   state      void dots here   kept side copied   kept side gone   merged with who cancelled
 *   (unknown)  pending          –                  –                –          (without void dots: applied)
 *   pending                     applied            cancelled
 *   applied                                                         cancelled
 *   cancelled
 */
import type { Incarnation } from '../../node.js';
import type { Core } from '../core.js';
import type { Decree, DecreeState, KnownDecree } from '../message.js';
import type { Peer } from '../replication/peers.js';
import type { Replica } from '../state/entry.js';
import { counterIn } from '../state/version-vector.js';

interface Known {
  readonly decree: Decree;
  state: DecreeState;
}

export class Decrees {
  private readonly known = new Map<string, Known>();

  constructor(private readonly core: Core) {}

  list(): KnownDecree[] {
    return [...this.known.values()].map(({ decree, state }) => ({ id: decree.id, state }));
  }

  get(id: string): Decree | undefined {
    return this.known.get(id)?.decree;
  }

  /** It is known, or so old that it would be forgotten at once. */
  has(decree: Decree): boolean {
    if (this.known.has(decree.id)) return true;
    const oldest = this.oldest();
    const isFull = this.known.size >= this.core.options.decreesMax;
    return isFull && oldest !== undefined && this.isBefore(decree, oldest);
  }

  stateOf(id: string): DecreeState | undefined {
    return this.known.get(id)?.state;
  }

  pending(): Decree[] {
    return [...this.known.values()].flatMap(({ decree, state }) => (state === 'pending' ? decree : []));
  }

  /**
   * Takes note of a `keep`. The oldest are forgotten: a node that never heard of one is then merged (P4). Which are the oldest
   * does not depend on what came first here: nodes that forgot others would tell each other of them for ever.
   */
  add(decree: Decree, isParty: boolean): DecreeState {
    const state = !this.holdsVoid(decree) ? 'applied' : isParty ? 'pending' : 'cancelled';
    this.known.set(decree.id, { decree, state });
    const oldest = this.oldest();
    if (this.known.size > this.core.options.decreesMax && oldest !== undefined) this.known.delete(oldest.id);
    return state;
  }

  change(from: DecreeState, to: DecreeState): void {
    for (const known of this.known.values()) if (known.state === from) known.state = to;
  }

  /** This node may hold what is void for the peer. */
  hasCancelledWhatIsApplied(peer: Peer): boolean {
    return this.contradicting(peer).some((id) => this.stateOf(id) === 'cancelled');
  }

  /** A node without a side takes that of a peer, whatever it has done with its decrees. */
  adopt(peer: Peer): void {
    for (const [id, known] of this.known) {
      const theirs = peer.decrees.get(id);
      if (theirs === 'applied' || theirs === 'cancelled') known.state = theirs;
    }
  }

  cancel(id: string): void {
    const known = this.known.get(id);
    if (known !== undefined) known.state = 'cancelled';
  }

  /** Cancels those that were about these sides. */
  cancelBetween(sides: Sides): void {
    const listed = incarnationsOf(sides);
    for (const known of this.known.values()) {
      const isAbout = known.decree.sides.every((side) =>
        side.some(({ incarnation }) => listed.has(incarnation)),
      );
      if (isAbout && known.state !== 'pending') known.state = 'cancelled';
    }
  }

  /** The store was replaced by the peer's: what that has done with its decrees counts. */
  takeOver(peer: Peer): void {
    for (const known of this.known.values())
      known.state =
        peer.decrees.get(known.decree.id) ?? (known.state === 'pending' ? 'applied' : known.state);
  }

  /** Those that the peer does not know. */
  unknownTo(peer: Peer): Decree[] {
    return [...this.known.values()].flatMap(({ decree }) => (peer.decrees.has(decree.id) ? [] : decree));
  }

  /** Both know the same, and have done the same. */
  equals(peer: Peer): boolean {
    if (peer.decrees.size !== this.known.size) return false;
    return [...this.known].every(([id, { state }]) => peer.decrees.get(id) === state);
  }

  /** Those that one of the two has applied and the other cancelled, so that only a merge brings them together. */
  contradicting(peer: Peer): string[] {
    return [...this.known].flatMap(([id, { state }]) => {
      const theirs = peer.decrees.get(id);
      const differ =
        (state === 'applied' && theirs === 'cancelled') || (state === 'cancelled' && theirs === 'applied');
      return differ ? id : [];
    });
  }

  /**
   * By term, and within it by number, which the id ends with; the same on all nodes. What no leader can have decided goes first,
   * so that it does not drive out what one did.
   */
  private isBefore({ token, id }: Decree, other: Decree): boolean {
    const [term, otherTerm] = [token, other.token].map((some) => (some > this.core.term ? 0 : some));
    if (term !== otherTerm) return (term as number) < (otherTerm as number);
    return id.length === other.id.length ? id < other.id : id.length < other.id.length;
  }

  private oldest(): Decree | undefined {
    let oldest: Decree | undefined;
    for (const { decree } of this.known.values())
      if (oldest === undefined || this.isBefore(decree, oldest)) oldest = decree;
    return oldest;
  }

  private holdsVoid({ voided }: Decree): boolean {
    const { state, self } = this.core;
    const highest = state.knowledge.highest();
    return voided.some(
      ({ replica, counter }) =>
        isSame(replica, self) || counterIn(highest, state.origins.of(replica).index) > counter,
    );
  }
}

function isSame(one: Replica, other: Replica): boolean {
  return one.incarnation === other.incarnation && one.generation === other.generation;
}

export type Sides = readonly (readonly Replica[])[];

export function incarnationsOf(sides: Sides): ReadonlySet<Incarnation> {
  return new Set(sides.flat().map(({ incarnation }) => incarnation));
}

/** The peer is on one of the sides, be it by those that it is together with. */
export function isOnOne(listed: ReadonlySet<Incarnation>, { node, side }: Peer): boolean {
  return listed.has(node.incarnation) || (side !== undefined && listed.has(side.incarnation));
}

export function sideOf(sides: Sides, incarnation: Incarnation): readonly Replica[] | undefined {
  return sides.find((side) => side.some((replica) => replica.incarnation === incarnation));
}
