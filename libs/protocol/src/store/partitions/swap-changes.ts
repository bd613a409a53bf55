/**
 * What changes for readers when a copy takes the place of a store (P4, S6).
 */
import type { StoreChange } from '../machine.js';
import type { StoreState } from '../state/store-state.js';

export function* swapChanges(old: StoreState, fresh: StoreState): IterableIterator<StoreChange> {
  for (const [key, { value, origin }] of fresh.entries.map) {
    const previous = old.entries.map.get(key)?.value;
    if (previous !== undefined && (previous === value || previous.equals?.(value) === true)) continue;
    const node = fresh.origins.at(origin).replica;
    yield { type: 'written', key, value, previous, node, local: false };
  }
  const node = fresh.origins.self.replica;
  for (const [key, { value: previous }] of old.entries.map) {
    if (fresh.entries.map.get(key) === undefined)
      yield { type: 'deleted', key, previous, node, local: false, expired: false };
  }
}
