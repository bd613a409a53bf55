/**
 * Choices as a voter has recorded them (P4), and which of them stand for the partition that is there now.
 */
import type { Core } from '../core.js';
import type { Choice, Decree, DecreeRecord } from '../message.js';
import { isLinked } from '../replication/peers.js';
import type { Replica } from '../state/entry.js';
import { counterIn } from '../state/version-vector.js';
import { sideOf, type Decrees } from './decrees.js';
import type { Partitions } from './partitions.js';
import { clockOf } from './ruling.js';

export interface ChoiceRequest {
  readonly partition: string;
  readonly choice: Choice;
  readonly sides: readonly (readonly Replica[])[];
}

interface Recorded {
  readonly decree: Decree;
  /** A quorum has recorded it. */
  readonly isDecided: boolean;
  /** Monotonic time at which it was recorded here. */
  readonly at: number;
}

/**
 * How long a `merge` stands against a contradicting choice, in milliseconds: long enough for all in reach to hear of it, and
 * shorter than it takes to grow apart again. A `keep` changes the replicas instead.
 */
const MERGE_STANDS_MS = 10_000;

export class DecreeRecords {
  private readonly byId = new Map<string, Recorded>();

  constructor(
    private readonly core: Core,
    private readonly decrees: Decrees,
    private readonly partitions: Partitions,
  ) {}

  add(decree: Decree, isDecided: boolean, ageMs = 0): void {
    const before = this.byId.get(decree.id);
    if (before?.isDecided === true) return;
    const at = before?.at ?? this.core.now.mono - ageMs;
    this.byId.set(decree.id, { decree, isDecided, at });
    // As many as fit into the answer to a survey.
    for (const oldest of this.byId.keys()) {
      if (this.byId.size <= this.core.options.decreesMax) return;
      this.byId.delete(oldest);
    }
  }

  /** Those that stand, as a leader is told of them. */
  told(): DecreeRecord[] {
    const { mono } = this.core.now;
    return this.standing().map(({ decree, at }) => ({ decree, ageMs: Math.round(mono - at) }));
  }

  undecided(): Decree[] {
    return this.standing().flatMap(({ decree, isDecided }) => (isDecided ? [] : decree));
  }

  /** What was recorded for the same sides, and stands. */
  earlier(request: ChoiceRequest): Decree | undefined {
    return this.standing().find(({ decree }) => isAboutSame(decree, request))?.decree;
  }

  private standing(): Recorded[] {
    return [...this.byId.values()].filter((recorded) => this.stands(recorded));
  }

  /** The kept side was gone before it could be copied, so that the choice is open again. */
  private isCancelled({ id }: Decree): boolean {
    if (this.decrees.stateOf(id) === 'cancelled') return true;
    return this.core.peers.where((peer) => isLinked(peer) && peer.decrees.get(id) === 'cancelled').length > 0;
  }

  /** It is about the partition that is there now. The same sides may have found together and grown apart again since. */
  private stands({ decree, isDecided, at }: Recorded): boolean {
    if (this.isCancelled(decree)) return false;
    const isForgotten = isDecided && this.decrees.stateOf(decree.id) === undefined;
    if (decree.choice.kind === 'keep') return !isForgotten && !this.hasMerged(decree);
    const isFresh = this.core.now.mono < at + MERGE_STANDS_MS;
    return isFresh && (this.partitions.metAt(decree.sides) ?? -Infinity) <= at;
  }

  /** Somebody of the kept side has what would be void: the sides have found together without this decree. */
  private hasMerged({ choice, sides, voided }: Decree): boolean {
    if (choice.kind !== 'keep') return false;
    const clock = clockOf(this.core, sideOf(sides, choice.side) ?? []) ?? [];
    const { origins } = this.core.state;
    return voided.some(({ replica, counter }) => counterIn(clock, origins.of(replica).index) > counter);
  }
}

/** Both sides of one have a replica in common with a side of the other. */
function isAboutSame({ sides: decreed }: Decree, { sides }: ChoiceRequest): boolean {
  const meets = (some: readonly Replica[] = [], others: readonly Replica[] = []): boolean =>
    some.some((one) =>
      others.some(
        ({ incarnation, generation }) => incarnation === one.incarnation && generation === one.generation,
      ),
    );
  const [a, b] = decreed;
  const [x, y] = sides;
  return (meets(a, x) && meets(b, y)) || (meets(a, y) && meets(b, x));
}

export function isSameChoice({ choice: one, sides }: Decree, { choice: other }: ChoiceRequest): boolean {
  if (one.kind === 'merge' || other.kind === 'merge') return one.kind === other.kind;
  return sides.some(
    (side) =>
      side.some(({ incarnation }) => incarnation === one.side) &&
      side.some(({ incarnation }) => incarnation === other.side),
  );
}
