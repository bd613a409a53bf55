/**
 * Checkers of the store stand outside like all others: they hear what clients asked for, what each node told its
 * application, and what is visible; never what a machine keeps inside.
 */
import type { StoreChange, StoreEffect } from '@nest-cluster/protocol';
import type { StoreNode } from './store-node.js';
import type { Operation } from './story.js';

export interface StoreChecker {
  started?(node: StoreNode): void;
  /** Its process ended. */
  ended?(node: StoreNode): void;
  /** Called right before the node is asked. */
  asked?(operation: Operation): void;
  acked?(operation: Operation): void;
  changed?(node: StoreNode, change: StoreChange): void;
  /** Whatever else it told. */
  told?(node: StoreNode, effect: StoreEffect): void;
  /** The resolver was called; each candidate is the list of its words. */
  resolved?(node: StoreNode, key: string, candidates: readonly (readonly string[])[]): void;
  /** Now and then. */
  looked?(): void;
  /** All faults are gone, nobody writes, and all nodes show the same. */
  rested?(): void;
  /** New keys from here on. */
  turnedPage?(): void;
}
