/**
 * What replicas send each other. On a link messages arrive in order or not at all; each is harmless when lost or repeated.
 * Replicas are named once per message, in `replicas`; everywhere else a replica is an index into that list.
 *
 * Every list is bounded by a named limit (W5, S9); the codec drops a message that exceeds one.
 */
import type { Incarnation } from '../node.js';
import type { Replica, StoredValue } from './state/entry.js';

/** The sender knows the dots 1 to `counter` of this replica. */
export interface ClockEntry {
  readonly origin: number;
  readonly counter: number;
}

/** A version vector, or what one says beyond an earlier one. */
export type Clock = readonly ClockEntry[];

/** One write of the sender. It has seen the context of the stream, and the sender's own writes before it. */
export interface Delta {
  readonly counter: number;
  readonly key: string;
  /** Undefined for a delete. */
  readonly value: StoredValue | undefined;
  readonly time: number;
  readonly expiresAt: number;
  /** What it has seen in the bucket of its key beyond the context: origin, counter, origin, counter… */
  readonly beyond: readonly number[] | undefined;
}

/** A sibling as it travels. */
export interface WireSibling {
  readonly origin: number;
  readonly counter: number;
  readonly value: StoredValue;
  readonly time: number;
  readonly expiresAt: number;
}

/** All siblings of a key; none for a deleted key. */
export interface KeyState {
  readonly key: string;
  readonly siblings: readonly WireSibling[];
}

/** A bucket as a transfer sends it, in one part or several. */
export interface BucketPart {
  readonly bucket: number;
  /** Keys that the receiver may lack; all keys when `dots` is null. */
  readonly states: readonly KeyState[];
  /** Every dot that the sender has in the bucket: origin, counter, origin, counter… Only with the first part. */
  readonly dots: readonly number[] | null;
  /** What the sender knows in the bucket beyond the clock of the transfer. */
  readonly beyond: readonly number[] | undefined;
  readonly isLast: boolean;
}

/** How sides find together after a partition (P3, P4). */
export type RecoveryMode = 'automatic' | 'manual';

/** `keep` names any replica of the side that stays as it is. */
export type Choice = { readonly kind: 'merge' } | { readonly kind: 'keep'; readonly side: Incarnation };

/**
 * How a partition ends, decided once by the leader (P4). After `keep`, the writes of the other side since the split are
 * void: a replica that knows any of them replaces its store by a copy of the kept side.
 */
export interface Decree {
  readonly id: string;
  /** Fencing token of the leader that decided. */
  readonly token: number;
  readonly partition: string;
  readonly choice: Choice;
  /** The sides as the chooser saw them. */
  readonly sides: readonly (readonly Replica[])[];
  /** Dots above `counter` of these replicas are void. */
  readonly voided: readonly { readonly replica: Replica; readonly counter: number }[];
}

/** A decree that a voter has recorded, and how long ago, in milliseconds. */
export interface DecreeRecord {
  readonly decree: Decree;
  readonly ageMs: number;
}

/**
 * What a replica has done with a `keep` that it knows. `applied`: it holds nothing void. `pending`: it holds void dots and
 * has to copy the kept side. `cancelled`: the kept side was gone before it could be copied, so that the store stays.
 */
export type DecreeState = 'applied' | 'pending' | 'cancelled';

export interface KnownDecree {
  readonly id: string;
  readonly state: DecreeState;
}

/** `joining`: it does not have the whole store yet (S7). `replacing`: it copies the side that was kept (P4). */
export type ReplicaPhase = 'joining' | 'ready' | 'replacing';

/** Why a choice was not decided. */
export type RefusalCode =
  'CLUSTER_PARTITION_UNKNOWN' | 'CLUSTER_PARTITION_DECIDED' | 'CLUSTER_QUORUM_UNAVAILABLE';

export type StoreMessage =
  /** Who the sender is and what it knows; sent when a link opens and every `clockIntervalMs` (S8). */
  | {
      readonly type: 'clock';
      /** The sender itself first. */
      readonly replicas: readonly Replica[];
      /** Of all replicas now and then, and else of those that there is news of. */
      readonly clock: Clock;
      /** Digest of what buckets know beyond the clock; 0 when none does. */
      readonly ahead: number;
      readonly phase: ReplicaPhase;
      /** Voters that are not ready and have a link with the sender (S7). */
      readonly meets: readonly Incarnation[];
      /** The smallest replica of the sender's side. */
      readonly side: Replica;
      /** Replicas from which the sender's side was separated, and has not found together with yet (P4). */
      readonly apart: readonly Replica[];
      readonly decrees: readonly KnownDecree[];
      readonly recovery: RecoveryMode;
      /** Hybrid time at which the mode was chosen; the later one wins on all nodes. */
      readonly recoveryTime: number;
      /** True asks for the same in return. */
      readonly reply: boolean;
    }
  /**
   * New writes of the sender, in order and without a gap. Messages of the stream are numbered: `context` is what the sender
   * knows beyond the message before. With `isStart` it is all that the sender knows, and a receiver begins there.
   */
  | {
      readonly type: 'deltas';
      readonly stream: number;
      readonly isStart: boolean;
      /** The sender itself first. */
      readonly replicas: readonly Replica[];
      readonly context: Clock;
      readonly deltas: readonly Delta[];
    }
  /** "I have lost your stream": asks for a start. */
  | { readonly type: 'resume' }
  /** "Of your dots I know all up to this counter": one acknowledgement for everything that came in a turn (S1, S2). */
  | { readonly type: 'held'; readonly generation: number; readonly counter: number }
  /** "Send me what this clock lacks": begins a transfer, in place of any earlier one to the sender (S7, S8). */
  | {
      readonly type: 'pull';
      readonly session: number;
      readonly replicas: readonly Replica[];
      readonly clock: Clock;
      /** The sender has nothing at all, so that digests would say nothing. */
      readonly isBlank: boolean;
    }
  /**
   * The logs do not reach back far enough: "in which buckets do we differ?" Two numbers for each bucket. `clock` is the
   * sender's where it differs from that of the pull, be it higher or lower.
   */
  | {
      readonly type: 'digests';
      readonly session: number;
      readonly replicas: readonly Replica[];
      readonly clock: Clock;
      /** Digest of what the sender's buckets know beyond the clock. */
      readonly ahead: number;
      readonly digests: readonly number[];
    }
  /** "In these." */
  | { readonly type: 'buckets'; readonly session: number; readonly buckets: readonly number[] }
  /** Part of a transfer of keys that changed lately. The receiver takes all parts at once, with the clock of the last. */
  | {
      readonly type: 'recent';
      readonly session: number;
      /** From 0, one more with each part. */
      readonly seq: number;
      readonly replicas: readonly Replica[];
      readonly states: readonly KeyState[];
      /** With the last part: what the sender knew when it read the states, where that differs from the clock of the pull. */
      readonly clock: Clock | null;
    }
  /** Part of a transfer of buckets. */
  | {
      readonly type: 'chunk';
      readonly session: number;
      readonly seq: number;
      readonly replicas: readonly Replica[];
      /** What the sender knew when it read these buckets, beyond the message before; in a blank transfer beyond nothing. */
      readonly clock: Clock;
      readonly parts: readonly BucketPart[];
      readonly isLast: boolean;
    }
  /** "I took part `seq`": asks for more. */
  | { readonly type: 'next'; readonly session: number; readonly seq: number }
  /** The transfer cannot go on. */
  | { readonly type: 'unable'; readonly session: number }
  /** How sides recover from now on; passed on by everybody to everybody, once. */
  | { readonly type: 'recovery'; readonly mode: RecoveryMode; readonly time: number }
  /** A choice on its way to the leader, which alone decides (P4). */
  | {
      readonly type: 'choose';
      readonly request: number;
      readonly partition: string;
      readonly choice: Choice;
      readonly sides: readonly (readonly Replica[])[];
    }
  | {
      readonly type: 'chosen';
      readonly request: number;
      /** Null when it was decided so. */
      readonly refusal: { readonly code: RefusalCode; readonly reason: string } | null;
    }
  /** A new leader asks what was decided before it decides anything (P4). */
  | { readonly type: 'survey'; readonly token: number }
  | { readonly type: 'surveyed'; readonly token: number; readonly records: readonly DecreeRecord[] }
  /** "Record this": the decree counts once a quorum has. */
  | { readonly type: 'propose'; readonly token: number; readonly decree: Decree }
  | { readonly type: 'accepted'; readonly token: number; readonly decree: string }
  /** A decree that counts; sent to all, and to peers that do not know it. */
  | { readonly type: 'decree'; readonly decree: Decree }
  /** Dry run: "what do you have that this clock lacks?" (P4). */
  | {
      readonly type: 'compare';
      readonly id: number;
      readonly replicas: readonly Replica[];
      readonly clock: Clock;
    }
  | {
      readonly type: 'comparison';
      readonly id: number;
      readonly replicas: readonly Replica[];
      readonly clock: Clock;
      /** At most `reportKeysMax`, without values. */
      readonly states: readonly KeyState[];
      /** How many keys differ in all. */
      readonly total: number;
    };

export type MessageOf<Type extends StoreMessage['type']> = Extract<StoreMessage, { readonly type: Type }>;
