/**
 * What the application is shown of the replica: the values that it holds, and their changes.
 */
import { ClusterError, type StoreChange, type StoredValue } from '@nest-cluster/protocol';
import type { HeldChange, HeldValue } from '../../ports/store-provider.js';
import { StoreValue } from '../../wire/index.js';

export function changeOf(change: StoreChange): HeldChange {
  const { key, local } = change;
  const node = change.node.name;
  if (change.type === 'written') return { type: 'written', key, value: held(change.value), node, local };
  return { type: 'deleted', key, node, local, expired: change.expired };
}

export function held(value: StoredValue): HeldValue {
  if (value instanceof StoreValue) return value;
  throw new ClusterError('CLUSTER_INVARIANT_BROKEN', 'the replica holds a value that was never put in');
}
