/**
 * What replicas say to each other. On a link messages arrive in order or not at all; each is harmless when lost or
 * repeated. Origins are named once per message, in `replicas`; everywhere else an origin is an index into that list.
 *
 * Every list is bounded by a named limit of the options (W5, S9); a message that breaks one is dropped by the codec.
 */
import type { Incarnation } from '../node.js';
import type { Replica, StoredValue } from './entry.js';

/** Which dots of one origin a node holds: all up to `base`, and the closed ranges in `above`, ascending: from, to, from, to… */
export interface ClockEntry {
  readonly origin: number;
  readonly base: number;
  readonly above: readonly number[];
}

/** Dots in the order of `replicas`, without repetition. */
export type Clock = readonly ClockEntry[];

/** One new write of the sender. */
export interface Delta {
  readonly counter: number;
  readonly key: string;
  /** Undefined for a delete. */
  readonly value: StoredValue | undefined;
  readonly time: number;
  readonly expiresAt: number;
  /** What it replaced, beyond the sender's own writes: origin, counter, origin, counter… */
  readonly seen: readonly number[] | undefined;
}

/** A sibling as it travels. */
export interface WireSibling {
  readonly origin: number;
  readonly counter: number;
  readonly value: StoredValue | undefined;
  readonly time: number;
  readonly expiresAt: number;
}

/** The whole state of a key. */
export interface KeyState {
  readonly key: string;
  readonly siblings: readonly WireSibling[];
  readonly seen: readonly number[] | undefined;
}

/** How sides find together after a partition (P3, P4). */
export type RecoveryMode = 'automatic' | 'manual';

/** `keep` names any replica of the side that stays as it is. */
export type Choice = { readonly kind: 'merge' } | { readonly kind: 'keep'; readonly side: Incarnation };

export type StoreMessage =
  /**
   * Who the sender is and what it holds; sent when a link opens and every `clockIntervalMs` (S8). Two equal stores are
   * told apart from unequal ones by this alone.
   */
  | {
      readonly type: 'clock';
      /** The sender itself first. */
      readonly replicas: readonly Replica[];
      /** Says something of every origin; otherwise only of those that there is news about since the last few clocks. */
      readonly full: boolean;
      readonly clock: Clock;
      /** Dots that every replica holds, as far as the sender knows; implied in `seen` of every key that it sends (S4). */
      readonly floor: Clock;
      /** The sender has the whole store (S7). */
      readonly ready: boolean;
      /** The generation of the addressee that was forgotten: as that it must drop what it holds and take a full copy (S4). */
      readonly fenced: number | null;
      /** So somebody chose: whether the addressee's side is a quorum does not count (P4). */
      readonly chosen: boolean;
      /** The smallest replica of the sender's side. */
      readonly side: Replica;
      /** As many of that side have the whole store as a write waits for: it is the other one that drops what it holds (S2). */
      readonly quorum: boolean;
      /** Replicas from which the sender's side was separated, and has not found together with yet (P4). */
      readonly apart: readonly Replica[];
      readonly recovery: RecoveryMode;
      /** Hybrid time at which the mode was chosen; the later one wins on all nodes. */
      readonly recoveryTime: number;
      /** True asks for the same in return. */
      readonly reply: boolean;
    }
  /** New writes of the sender, in order of their counters. */
  | { readonly type: 'deltas'; readonly replicas: readonly Replica[]; readonly deltas: readonly Delta[] }
  /** "Of your dots I hold all up to this counter": one acknowledgement for everything that came in a turn (S1, S2). */
  | { readonly type: 'held'; readonly generation: number; readonly counter: number }
  /** "Send me what I lack": begins a transfer, in place of any earlier one to the sender (S7, S8). */
  | {
      readonly type: 'pull';
      readonly session: number;
      readonly replicas: readonly Replica[];
      readonly clock: Clock;
    }
  /** One part of a transfer. The last one says which dots the addressee holds once it has taken all parts. */
  | {
      readonly type: 'chunk';
      readonly session: number;
      /** From 0, one more with each. */
      readonly seq: number;
      readonly replicas: readonly Replica[];
      readonly states: readonly KeyState[];
      /** The whole store was read through: what was not sent is gone there, or held here already (S4). */
      readonly whole: boolean;
      /** With the first part of a whole store: which store this is (S4). */
      readonly first: null | {
        /** What every replica of it is known to hold; whoever missed that has another store. */
        readonly settled: Clock;
        /** By their index: those that have this store, or are waited for. */
        readonly roster: readonly number[];
      };
      readonly last: null | {
        readonly clock: Clock;
        readonly floor: Clock;
        /** Replicas that were forgotten and must not come back with what they hold. */
        readonly fenced: readonly Replica[];
      };
    }
  /** "I took part `seq`": asks for the next. */
  | { readonly type: 'next'; readonly session: number; readonly seq: number }
  /** The transfer cannot be served now: the sender is not ready itself, or apart. */
  | { readonly type: 'unable'; readonly session: number }
  /** Somebody chose how a partition ends; passed on to everybody by everybody, once (P4). */
  | {
      readonly type: 'resolve';
      readonly partition: string;
      /** Hybrid time of the choice; tells choices apart. */
      readonly time: number;
      readonly choice: Choice;
      /** The sides as the chooser saw them. */
      readonly sides: readonly (readonly Replica[])[];
    }
  /** How sides recover from now on; passed on like `resolve`. */
  | { readonly type: 'recovery'; readonly mode: RecoveryMode; readonly time: number }
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
