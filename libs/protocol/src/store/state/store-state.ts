/**
 * One copy of the store: who wrote, which dots are known, and the entries. A replica has one, and for the time of a `keep`
 * a second one, which it fills beside the first (P4).
 *
 * Invariants, checked in every simulated step:
 *   I1  The dot of each sibling is known in its bucket.
 *   I2  A known dot that no sibling bears was replaced or deleted, for good.
 *   I3  Two replicas that know the same dots have the same entries, but for what has expired.
 */
import { invariant } from '../../error.js';
import type { Resolver, StoreEffect } from '../machine.js';
import type { StoreOptions } from '../options.js';
import { Entries } from './entries.js';
import type { Replica } from './entry.js';
import { bucketOf } from './key-map.js';
import { Knowledge } from './knowledge.js';
import { Origins } from './origins.js';

export class StoreState {
  readonly origins: Origins;
  readonly knowledge: Knowledge;
  readonly entries: Entries;

  constructor(
    self: Replica,
    options: StoreOptions,
    resolver: Resolver | undefined,
    tell: (effect: StoreEffect) => void,
  ) {
    this.origins = new Origins(self, options.logMax);
    this.knowledge = new Knowledge(this.origins);
    this.entries = new Entries(
      this.origins,
      this.knowledge,
      tell,
      resolver,
      options.siblingsMax,
      options.skewMaxMs,
    );
  }

  /** Nothing was ever known here. */
  get isBlank(): boolean {
    return this.origins.list.every(({ counter }) => counter === 0) && !this.knowledge.isPartial;
  }

  /** Throws when an invariant does not hold (I1). Reads the whole store; for tests. */
  check(): void {
    if (this.entries.table.everyDot((origin, counter) => this.origins.has(origin, counter))) return;
    for (const [key, entry] of this.entries.table) {
      for (const { origin, counter } of entry.siblings ?? [entry]) {
        if (this.origins.has(origin, counter) || this.knowledge.has(bucketOf(key), origin, counter)) continue;
        const { name } = this.origins.at(origin).replica;
        invariant(false, `I1: ${key} has a sibling whose dot ${counter} of ${name} is not known`);
      }
    }
  }
}
