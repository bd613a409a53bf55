/**
 * What changes for readers when a copy takes the place of a store (P4, S6).
 */
import type { StoreChange } from '../machine.js';
import type { StoreState } from '../state/store-state.js';

export function* swapChanges(old: StoreState, fresh: StoreState): IterableIterator<StoreChange> {
  for (const [key, { value, origin }] of fresh.entries.table) {
    const previous = old.entries.table.get(key)?.value;
    if (previous !== undefined && (previous === value || previous.equals?.(value) === true)) continue;
    const node = fresh.origins.at(origin).replica;
    yield { type: 'written', key, value, previous, node, local: false };
  }
  const node = fresh.origins.self.replica;
  for (const [key, { value: previous }] of old.entries.table) {
    if (fresh.entries.table.get(key) === undefined)
      yield { type: 'deleted', key, previous, node, local: false, expired: false };
  }
}
